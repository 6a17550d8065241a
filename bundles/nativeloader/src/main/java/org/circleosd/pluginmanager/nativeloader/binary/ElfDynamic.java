package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The dynamic section: what the file tells the dynamic linker. */
final class ElfDynamic {

    static final int HASH = 4;
    static final int SYMBOL_TABLE = 6;
    static final int GNU_HASH = 0x6ffffef5;

    private static final int NEEDED = 1;
    private static final int STRING_TABLE = 5;
    private static final int STRING_BYTES = 10;
    private static final int INIT = 12;
    private static final int RPATH = 15;
    private static final int DEBUG = 21;
    private static final int TEXT_RELOCATIONS = 22;
    private static final int INIT_ARRAY = 25;
    private static final int INIT_ARRAY_BYTES = 27;
    private static final int RUNPATH = 29;
    private static final int FLAGS = 30;
    private static final long FLAG_TEXT_RELOCATIONS = 4;
    private static final int FLAGS_1 = 0x6ffffffb;
    private static final long FLAG_PIE = 0x08000000L;
    private static final int ENTRY_BYTES = 16;
    private static final int MAX_ENTRIES = 1 << 16;

    private final FileBytes bytes;
    private final List<Segment> segments;
    private final Map<Long, List<Long>> values;
    private final boolean interpreter;
    private long stringsAt;
    private long stringsBytes;

    private ElfDynamic(FileBytes bytes, List<Segment> segments, Map<Long, List<Long>> values, boolean interpreter) {
        this.bytes = bytes;
        this.segments = segments;
        this.values = values;
        this.interpreter = interpreter;
    }

    /** Says whether this is a position-independent executable, which has the file type of a library. */
    boolean isExecutable() {
        boolean marked = hasFlag(FLAGS_1, FLAG_PIE);
        // Linkers before 2018 do not mark it; libraries that can also be run, such as libc, have no debug entry.
        return marked || (interpreter && value(DEBUG).isPresent());
    }

    void tell(Findings findings) {
        all(NEEDED).forEach(name -> findings.needs(text(name)));
        all(RPATH).forEach(paths -> findings.searchesIn(text(paths)));
        all(RUNPATH).forEach(paths -> findings.searchesIn(text(paths)));
        findings.runsAtLoad(value(INIT).orElse(0) == 0 ? 0 : 1);
        long arrayBytes = value(INIT_ARRAY_BYTES).orElse(0);
        OptionalLong array = arrayBytes == 0 ? OptionalLong.empty() : offset(INIT_ARRAY);
        if (array.isPresent()) {
            bytes.require(array.getAsLong(), arrayBytes, "the array of constructors");
            findings.runsAtLoad(arrayBytes / Long.BYTES);
        }
        if (value(TEXT_RELOCATIONS).isPresent() || hasFlag(FLAGS, FLAG_TEXT_RELOCATIONS)) {
            findings.hasTextRelocations();
        }
    }

    /** Returns a text of the string table. */
    String text(long index) {
        if (stringsBytes == 0) {
            stringsAt = required(STRING_TABLE, "string table");
            stringsBytes = value(STRING_BYTES).orElse(0);
            bytes.require(stringsAt, stringsBytes, "the string table");
        }
        if (index < 0 || index >= stringsBytes) {
            throw bytes.invalid("damaged: a name lies outside the string table");
        }
        return bytes.text(stringsAt + index, stringsAt + stringsBytes);
    }

    long required(int tag, String part) {
        return offset(tag).orElseThrow(() -> bytes.invalid("not a shared library: it has no " + part));
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

    /** Returns what the last entry of a kind holds, as the linker sees it. */
    private OptionalLong value(int tag) {
        List<Long> found = all(tag);
        return found.isEmpty() ? OptionalLong.empty() : OptionalLong.of(found.get(found.size() - 1));
    }

    private boolean hasFlag(int tag, long flag) {
        return (value(tag).orElse(0) & flag) != 0;
    }

    private List<Long> all(int tag) {
        return values.getOrDefault((long) tag, List.of());
    }

    private record Segment(long address, long offset, long length) {}

    /** Collects what the program headers say. */
    static final class Builder {

        private final FileBytes bytes;
        private final List<Segment> segments = new ArrayList<>();
        private final Map<Long, List<Long>> values = new HashMap<>();
        private boolean interpreter;
        private long table;
        private long tableBytes;

        Builder(FileBytes bytes) {
            this.bytes = bytes;
        }

        void addSegment(long address, long offset, long length) {
            segments.add(new Segment(address, offset, length));
        }

        void setTable(long offset, long length) {
            bytes.require(offset, length, "the dynamic section");
            bytes.requireAtMost(MAX_ENTRIES, length / ENTRY_BYTES, "entries of the dynamic section");
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
                values.computeIfAbsent(tag, key -> new ArrayList<>()).add(bytes.longAt(at + Long.BYTES));
            }
            return new ElfDynamic(bytes, segments, values, interpreter);
        }
    }
}
