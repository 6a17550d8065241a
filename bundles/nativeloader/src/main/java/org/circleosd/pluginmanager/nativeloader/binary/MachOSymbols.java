package org.circleosd.pluginmanager.nativeloader.binary;

/** The symbol table of a library of macOS. */
final class MachOSymbols {

    private static final int SYMBOL_BYTES = 16;
    private static final int MAX_SYMBOLS = 8 * FileBytes.MAX_SYMBOLS; // with those for the debugger

    private static final int DEBUG = 0xe0;
    private static final int PRIVATE = 0x10;
    private static final int TYPE = 0x0e;
    private static final int IN_A_SECTION = 0x0e;
    private static final int UNDEFINED = 0;
    private static final int EXTERNAL = 0x01;

    private final FileBytes bytes;
    private final MachOSections sections;
    private final long symbols;
    private final long count;
    private final long names;
    private final long namesEnd;

    /**
     * Finds the table.
     *
     * @param command where its load command lies
     */
    MachOSymbols(FileBytes bytes, MachOSections sections, long command) {
        this.bytes = bytes;
        this.sections = sections;
        symbols = bytes.unsignedInt(command + 8);
        count = bytes.unsignedInt(command + 12);
        names = bytes.unsignedInt(command + 16);
        namesEnd = names + bytes.unsignedInt(command + 20);
        bytes.requireAtMost(MAX_SYMBOLS, count, "symbols");
        bytes.require(symbols, count * SYMBOL_BYTES, "the symbol table");
        bytes.require(names, namesEnd - names, "the string table");
    }

    void tellImports(Findings findings) {
        for (long symbol = symbols; symbol < symbols + count * SYMBOL_BYTES; symbol += SYMBOL_BYTES) {
            int type = bytes.unsignedByte(symbol + 4);
            if ((type & DEBUG) == 0 && (type & TYPE) == UNDEFINED && (type & EXTERNAL) != 0) {
                findings.imports(withoutVariant(MachOExports.nameInC(name(symbol))));
            }
        }
    }

    void tellExports(Findings findings) {
        for (long symbol = symbols; symbol < symbols + count * SYMBOL_BYTES; symbol += SYMBOL_BYTES) {
            int type = bytes.unsignedByte(symbol + 4);
            boolean external = (type & (DEBUG | PRIVATE)) == 0 && (type & EXTERNAL) != 0;
            if (external && (type & TYPE) == IN_A_SECTION && sections.isCode(bytes.unsignedByte(symbol + 5))) {
                findings.exportsFunction(MachOExports.nameInC(name(symbol)));
            }
        }
    }

    /** A function may come in variants, as {@code connect$NOCANCEL}. */
    private static String withoutVariant(String name) {
        int variant = name.indexOf('$');
        return variant < 1 ? name : name.substring(0, variant);
    }

    private String name(long symbol) {
        return bytes.text(Math.min(names + bytes.unsignedInt(symbol), namesEnd), namesEnd);
    }
}
