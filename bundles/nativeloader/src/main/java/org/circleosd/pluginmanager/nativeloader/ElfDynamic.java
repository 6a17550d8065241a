package org.circleosd.pluginmanager.nativeloader;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The dynamic section: what the file tells the dynamic linker. */
final class ElfDynamic {

    static final int HASH = 4;
    static final int STRING_TABLE = 5;
    static final int SYMBOL_TABLE = 6;
    static final int STRING_BYTES = 10;
    static final int GNU_HASH = 0x6ffffef5;

    private static final int DEBUG = 21;
    private static final int FLAGS_1 = 0x6ffffffb;
    private static final long FLAG_PIE = 0x08000000L;
    private static final int ENTRY_BYTES = 16;

    private final ElfBytes bytes;
    private final List<Segment> segments;
    private final Map<Long, Long> values;
    private final boolean interpreter;

    private ElfDynamic(ElfBytes bytes, List<Segment> segments, Map<Long, Long> values, boolean interpreter) {
        this.bytes = bytes;
        this.segments = segments;
        this.values = values;
        this.interpreter = interpreter;
    }

    /** Says whether this is a position-independent executable, which has the file type of a library. */
    boolean isExecutable() {
        boolean marked = (values.getOrDefault((long) FLAGS_1, 0L) & FLAG_PIE) != 0;
        // Linkers before 2018 do not mark it; libraries that can also be run, such as libc, have no debug entry.
        return marked || (interpreter && values.containsKey((long) DEBUG));
    }

    OptionalLong value(int tag) {
        Long value = values.get((long) tag);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /** Returns where in the file the thing lies whose address an entry holds; empty if there is no such entry. */
    OptionalLong offset(int tag) {
        OptionalLong address = value(tag);
        if (address.isEmpty()) {
            return address;
        }
        for (Segment segment : segments) {
            long inside = address.getAsLong() - segment.address;
            if (inside >= 0 && inside < segment.length) {
                return OptionalLong.of(segment.offset + inside);
            }
        }
        throw bytes.invalid("damaged: an address of the dynamic section lies outside all segments");
    }

    private record Segment(long address, long offset, long length) {}

    /** Collects what the program headers say. */
    static final class Builder {

        private final ElfBytes bytes;
        private final List<Segment> segments = new ArrayList<>();
        private final Map<Long, Long> values = new HashMap<>();
        private boolean interpreter;
        private long table;
        private long tableBytes;

        Builder(ElfBytes bytes) {
            this.bytes = bytes;
        }

        void addSegment(long address, long offset, long length) {
            segments.add(new Segment(address, offset, length));
        }

        void setTable(long offset, long length) {
            bytes.require(offset, length, "the dynamic section");
            table = offset;
            tableBytes = length;
        }

        void setInterpreter() {
            interpreter = true;
        }

        ElfDynamic build() {
            if (segments.isEmpty() || tableBytes == 0) {
                throw bytes.invalid(
                        "not a shared library: it has no " + (segments.isEmpty() ? "segment" : "dynamic section"));
            }
            for (long at = table; at + ENTRY_BYTES <= table + tableBytes; at += ENTRY_BYTES) {
                long tag = bytes.longAt(at);
                if (tag == 0) {
                    break;
                }
                values.put(tag, bytes.longAt(at + Long.BYTES));
            }
            return new ElfDynamic(bytes, segments, values, interpreter);
        }
    }
}
