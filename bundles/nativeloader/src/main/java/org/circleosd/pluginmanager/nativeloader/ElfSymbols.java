package org.circleosd.pluginmanager.nativeloader;

import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/** The dynamic symbol table. */
final class ElfSymbols {

    private static final int SYMBOL_BYTES = 24;
    private static final int TYPE_FUNCTION = 2;
    private static final int TYPE_INDIRECT_FUNCTION = 10;
    private static final int BIND_LOCAL = 0;
    private static final int VISIBILITY_DEFAULT = 0;
    private static final int VISIBILITY_PROTECTED = 3;
    /** Names may share their ends, so a small file can name a lot; real libraries stay far below. */
    private static final long MAX_NAME_BYTES = 64L << 20;

    private final ElfBytes bytes;
    private final ElfDynamic dynamic;

    ElfSymbols(ElfBytes bytes, ElfDynamic dynamic) {
        this.bytes = bytes;
        this.dynamic = dynamic;
    }

    Set<String> exportedFunctions() {
        long symbols = required(ElfDynamic.SYMBOL_TABLE, "symbol table");
        long names = required(ElfDynamic.STRING_TABLE, "string table");
        long namesBytes = dynamic.value(ElfDynamic.STRING_BYTES).orElse(0);
        bytes.require(names, namesBytes, "the string table");
        long count = count();
        bytes.require(symbols, count * SYMBOL_BYTES, "the symbol table");

        Set<String> found = new HashSet<>();
        long nameBytes = 0;
        for (long i = 1; i < count; i++) {
            long symbol = symbols + i * SYMBOL_BYTES;
            if (isExportedFunction(symbol)) {
                String name = name(names, namesBytes, bytes.intAt(symbol) & 0xffffffffL);
                nameBytes += name.length();
                if (nameBytes > MAX_NAME_BYTES) {
                    throw bytes.invalid("damaged: its symbol names are longer than " + MAX_NAME_BYTES + " bytes");
                }
                found.add(name);
            }
        }
        return found;
    }

    private boolean isExportedFunction(long symbol) {
        int info = bytes.unsignedByte(symbol + 4);
        int type = info & 0xf;
        int visibility = bytes.unsignedByte(symbol + 5) & 3;
        boolean defined = bytes.unsignedShort(symbol + 6) != 0;
        return defined
                && (type == TYPE_FUNCTION || type == TYPE_INDIRECT_FUNCTION)
                && info >> 4 != BIND_LOCAL
                && (visibility == VISIBILITY_DEFAULT || visibility == VISIBILITY_PROTECTED);
    }

    private String name(long names, long namesBytes, long index) {
        if (index >= namesBytes) {
            throw bytes.invalid("damaged: a symbol's name lies outside the string table");
        }
        return bytes.text(names + index, names + namesBytes);
    }

    private long required(int tag, String part) {
        return dynamic.offset(tag).orElseThrow(() -> bytes.invalid("not a shared library: it has no " + part));
    }

    /** The file does not say how many symbols there are; the linker's own hash tables do. */
    private long count() {
        OptionalLong hash = dynamic.offset(ElfDynamic.HASH);
        if (hash.isPresent()) {
            return bytes.intAt(hash.getAsLong() + 4) & 0xffffffffL;
        }
        return countByGnuHash(required(ElfDynamic.GNU_HASH, "symbol hash table"));
    }

    /** Buckets hold first indices of chains, the last chain ends with the last symbol. */
    private long countByGnuHash(long table) {
        long buckets = bytes.intAt(table) & 0xffffffffL;
        long firstIndex = bytes.intAt(table + 4) & 0xffffffffL;
        long bloomWords = bytes.intAt(table + 8) & 0xffffffffL;
        long bucketsAt = table + 16 + bloomWords * Long.BYTES;
        long chainsAt = bucketsAt + buckets * Integer.BYTES;
        bytes.require(bucketsAt, buckets * Integer.BYTES, "the symbol hash table");
        long last = 0;
        for (long i = 0; i < buckets; i++) {
            last = Math.max(last, bytes.intAt(bucketsAt + i * Integer.BYTES) & 0xffffffffL);
        }
        if (last < firstIndex) {
            return firstIndex;
        }
        while ((bytes.intAt(chainsAt + (last - firstIndex) * Integer.BYTES) & 1) == 0) {
            last++;
        }
        return last + 1;
    }
}
