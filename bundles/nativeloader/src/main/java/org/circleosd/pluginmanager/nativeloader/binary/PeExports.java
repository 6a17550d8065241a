package org.circleosd.pluginmanager.nativeloader.binary;

/** The export directory of a DLL. */
final class PeExports {

    private static final int DIRECTORY_BYTES = 40;

    private final FileBytes bytes;
    private final PeSections sections;
    private final long address;
    private final long length;

    PeExports(FileBytes bytes, PeSections sections, long address, long length) {
        this.bytes = bytes;
        this.sections = sections;
        this.address = address;
        this.length = length;
    }

    void tell(Findings findings) {
        long directory = sections.place(address, DIRECTORY_BYTES);
        long functions = bytes.unsignedInt(directory + 20);
        long names = bytes.unsignedInt(directory + 24);
        bytes.requireAtMost(FileBytes.MAX_SYMBOLS, functions, "exported functions");
        bytes.requireAtMost(FileBytes.MAX_SYMBOLS, names, "exported names");
        if (names == 0 || functions == 0) {
            return;
        }
        long functionsAt = sections.place(bytes.unsignedInt(directory + 28), functions * Integer.BYTES);
        long namesAt = sections.place(bytes.unsignedInt(directory + 32), names * Integer.BYTES);
        long ordinalsAt = sections.place(bytes.unsignedInt(directory + 36), names * Short.BYTES);
        for (long i = 0; i < names; i++) {
            int ordinal = bytes.unsignedShort(ordinalsAt + i * Short.BYTES);
            if (ordinal >= functions) {
                throw bytes.invalid("damaged: an exported name has no function");
            }
            long function = bytes.unsignedInt(functionsAt + (long) ordinal * Integer.BYTES);
            // An address inside the directory is the name of another library's function.
            boolean forwarded = function - address >= 0 && function - address < length;
            if (!forwarded && sections.isCode(function)) {
                findings.exportsFunction(sections.text(bytes.unsignedInt(namesAt + i * Integer.BYTES)));
            }
        }
    }
}
