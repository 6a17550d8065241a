package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.OptionalLong;

/** The dynamic symbol table. */
final class ElfSymbols {

    private static final int SYMBOL_BYTES = 24;
    private static final int TYPE_FUNCTION = 2;
    private static final int TYPE_INDIRECT_FUNCTION = 10;
    private static final int BIND_LOCAL = 0;
    private static final int VISIBILITY_DEFAULT = 0;
    private static final int VISIBILITY_PROTECTED = 3;
    private static final String HASH_TABLE = "the symbol hash table";

    private final FileBytes bytes;
    private final ElfDynamic dynamic;

    ElfSymbols(FileBytes bytes, ElfDynamic dynamic) {
        this.bytes = bytes;
        this.dynamic = dynamic;
    }

    void tell(Findings findings) {
        long symbols = dynamic.required(ElfDynamic.SYMBOL_TABLE, "symbol table");
        long count = count();
        bytes.requireAtMost(FileBytes.MAX_SYMBOLS, count, "symbols");
        bytes.require(symbols, count * SYMBOL_BYTES, "the symbol table");
        for (long i = 1; i < count; i++) {
            long symbol = symbols + i * SYMBOL_BYTES;
            boolean global = bytes.unsignedByte(symbol + 4) >> 4 != BIND_LOCAL;
            boolean defined = bytes.unsignedShort(symbol + 6) != 0;
            if (global && !defined) {
                findings.imports(name(symbol));
            } else if (global && isVisibleFunction(symbol)) {
                findings.exportsFunction(name(symbol));
            }
        }
    }

    private boolean isVisibleFunction(long symbol) {
        int type = bytes.unsignedByte(symbol + 4) & 0xf;
        int visibility = bytes.unsignedByte(symbol + 5) & 3;
        return (type == TYPE_FUNCTION || type == TYPE_INDIRECT_FUNCTION)
                && (visibility == VISIBILITY_DEFAULT || visibility == VISIBILITY_PROTECTED);
    }

    private String name(long symbol) {
        return dynamic.text(bytes.unsignedInt(symbol));
    }

    /** The file does not say how many symbols there are; the linker's own hash tables do. */
    private long count() {
        OptionalLong hash = dynamic.offset(ElfDynamic.HASH);
        if (hash.isPresent()) {
            return bytes.unsignedInt(hash.getAsLong() + 4);
        }
        return countByGnuHash(dynamic.required(ElfDynamic.GNU_HASH, "symbol hash table"));
    }

    /** Buckets hold first indices of chains, the last chain ends with the last symbol. */
    private long countByGnuHash(long table) {
        long buckets = bytes.unsignedInt(table);
        long firstIndex = bytes.unsignedInt(table + 4);
        long bloomWords = bytes.unsignedInt(table + 8);
        long bucketsAt = table + 16 + bloomWords * Long.BYTES;
        long chainsAt = bucketsAt + buckets * Integer.BYTES;
        bytes.requireAtMost(FileBytes.MAX_SYMBOLS, buckets, "hash buckets");
        bytes.require(bucketsAt, buckets * Integer.BYTES, HASH_TABLE);
        long last = 0;
        for (long i = 0; i < buckets; i++) {
            last = Math.max(last, bytes.unsignedInt(bucketsAt + i * Integer.BYTES));
        }
        if (last < firstIndex) {
            return firstIndex;
        }
        while ((bytes.intAt(chainsAt + (last - firstIndex) * Integer.BYTES) & 1) == 0) {
            last++;
            bytes.requireAtMost(FileBytes.MAX_SYMBOLS, last, "symbols");
        }
        return last + 1;
    }
}
