package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A file of macOS for one machine or, as a universal one, for several: then it is a list of whole Mach-O files.
 *
 * @see <a href="https://github.com/apple-oss-distributions/cctools/blob/main/include/mach-o/fat.h">fat.h</a>
 */
final class UniversalFile {

    static final int MAGIC = 0xcafebabe;
    static final int MAGIC_64 = 0xcafebabf;

    private static final int HEADER_BYTES = 8;
    private static final int ENTRY_BYTES = 20;
    private static final int ENTRY_BYTES_64 = 32;
    private static final int MAX_ENTRIES = 30;

    private UniversalFile() {}

    /** Reads the library of the machine, wherever in the file it is. */
    static LibraryFile read(FileBytes bytes, LibraryMachine machine) {
        int magic = bytes.bigEndianInt(0);
        if (magic != MAGIC && magic != MAGIC_64) {
            return new MachOReader(bytes, machine, "").read();
        }
        bytes.require(0, HEADER_BYTES, "the universal header");
        int entryBytes = magic == MAGIC ? ENTRY_BYTES : ENTRY_BYTES_64;
        long count = bytes.bigEndianInt(4) & 0xffffffffL;
        bytes.requireAtMost(MAX_ENTRIES, count, "architectures");
        bytes.require(HEADER_BYTES, count * entryBytes, "the universal header");
        Set<String> others = new LinkedHashSet<>();
        for (long entry = HEADER_BYTES; entry < HEADER_BYTES + count * entryBytes; entry += entryBytes) {
            int code = bytes.bigEndianInt(entry);
            if (code == machine.code()) {
                long offset = magic == MAGIC ? unsigned(bytes, entry + 8) : bigEndianLong(bytes, entry + 8);
                long length = magic == MAGIC ? unsigned(bytes, entry + 12) : bigEndianLong(bytes, entry + 16);
                FileBytes part = bytes.part(offset, length, "the library for " + machine.name());
                return new MachOReader(part, machine, " of a universal file").read();
            }
            others.add(machine.format().machineOf(code));
        }
        throw bytes.incompatible("made for "
                + (others.isEmpty()
                        ? "no machine"
                        : ShownNames.inOrder(others.stream().toList())) + "; this machine is " + machine.name());
    }

    private static long unsigned(FileBytes bytes, long offset) {
        return bytes.bigEndianInt(offset) & 0xffffffffL;
    }

    private static long bigEndianLong(FileBytes bytes, long offset) {
        return unsigned(bytes, offset) << Integer.SIZE | unsigned(bytes, offset + Integer.BYTES);
    }
}
