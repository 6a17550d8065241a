package org.circleosd.pluginmanager.nativeloader.binary;

import java.nio.ByteOrder;

/**
 * Reads a 64-bit ELF shared library as the dynamic linker will.
 *
 * @see <a href="https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html">System V ABI, chapters 4 and 5</a>
 */
final class ElfReader {

    private static final int HEADER_BYTES = 64;
    private static final int PROGRAM_HEADER_BYTES = 56;

    private static final int TYPE_OBJECT = 1;
    private static final int TYPE_EXECUTABLE = 2;
    private static final int TYPE_SHARED = 3;

    private static final int SEGMENT_LOAD = 1;
    private static final int SEGMENT_DYNAMIC = 2;
    private static final int SEGMENT_INTERPRETER = 3;
    private static final int SEGMENT_STACK = 0x6474e551;
    private static final int EXECUTE = 1;
    private static final int WRITE = 2;

    private final FileBytes bytes;
    private final LibraryMachine machine;
    private final Findings findings;

    ElfReader(FileBytes bytes, LibraryMachine machine) {
        this.bytes = bytes;
        this.machine = machine;
        this.findings = new Findings(bytes, machine.format().title() + ", " + machine.name());
    }

    LibraryFile read() {
        checkHeader();
        ElfDynamic dynamic = readSegments();
        if (dynamic.isExecutable()) {
            throw bytes.invalid("an executable, not a shared library; link it with -shared");
        }
        dynamic.tell(findings);
        new ElfSymbols(bytes, dynamic).tell(findings);
        return findings.result();
    }

    private void checkHeader() {
        if (bytes.size() < HEADER_BYTES) {
            throw bytes.invalid("truncated: " + bytes.size() + " bytes, the ELF header alone has " + HEADER_BYTES);
        }
        int bits = bytes.unsignedByte(4);
        if (bits != 2) {
            throw bits == 1
                    ? bytes.incompatible("a 32-bit library; this machine needs 64-bit " + machine.name())
                    : bytes.invalid("damaged: ELF class " + bits);
        }
        int order = bytes.unsignedByte(5);
        int wanted = machine.order() == ByteOrder.LITTLE_ENDIAN ? 1 : 2;
        if (order != wanted) {
            throw switch (order) {
                case 1 -> bytes.incompatible("a little-endian library; this machine is big-endian");
                case 2 -> bytes.incompatible("a big-endian library; this machine is little-endian");
                default -> bytes.invalid("damaged: ELF byte order " + order);
            };
        }
        machine.require(bytes, bytes.unsignedShort(18));
        int type = bytes.unsignedShort(16);
        switch (type) {
            case TYPE_SHARED -> {}
            case TYPE_OBJECT -> throw bytes.invalid("an object file, not a shared library; link it with -shared");
            case TYPE_EXECUTABLE -> throw bytes.invalid("an executable, not a shared library; link it with -shared");
            default -> throw bytes.invalid("not a shared library: ELF type " + type);
        }
        if (bytes.unsignedShort(54) != PROGRAM_HEADER_BYTES) {
            throw bytes.invalid("damaged: program headers of " + bytes.unsignedShort(54) + " bytes");
        }
    }

    private ElfDynamic readSegments() {
        long table = bytes.longAt(32);
        int count = bytes.unsignedShort(56);
        bytes.require(table, (long) count * PROGRAM_HEADER_BYTES, "program headers");
        ElfDynamic.Builder dynamic = new ElfDynamic.Builder(bytes);
        boolean stackIsData = false;
        for (int i = 0; i < count; i++) {
            long header = table + (long) i * PROGRAM_HEADER_BYTES;
            int kind = bytes.intAt(header);
            int flags = bytes.intAt(header + 4);
            long offset = bytes.longAt(header + 8);
            long address = bytes.longAt(header + 16);
            long length = bytes.longAt(header + 32);
            switch (kind) {
                case SEGMENT_LOAD -> {
                    bytes.require(offset, length, "a segment");
                    if ((flags & (WRITE | EXECUTE)) == (WRITE | EXECUTE)) {
                        findings.hasWritableCode("segment at 0x" + Long.toHexString(address));
                    }
                    dynamic.addSegment(address, offset, length);
                }
                case SEGMENT_DYNAMIC -> dynamic.setTable(offset, length);
                case SEGMENT_INTERPRETER -> dynamic.setInterpreter();
                case SEGMENT_STACK -> stackIsData = (flags & EXECUTE) == 0;
                default -> {}
            }
        }
        // The loader takes a file that says nothing for one that needs an executable stack.
        if (!stackIsData) {
            findings.hasExecutableStack();
        }
        return dynamic.build();
    }
}
