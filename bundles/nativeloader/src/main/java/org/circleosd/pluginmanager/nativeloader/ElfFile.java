package org.circleosd.pluginmanager.nativeloader;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * A 64-bit ELF shared library, checked against what the dynamic linker will do with it. Every offset of the file is
 * hostile: it is bounds-checked, and any byte sequence gives either an answer or a {@link PluginException}.
 *
 * @see <a href="https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html">System V ABI, chapters 4 and 5</a>
 */
final class ElfFile {

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

    private final ElfBytes bytes;
    private final ElfMachine machine;

    /**
     * Takes a file's bytes.
     *
     * @param name of the file, for messages
     */
    ElfFile(String name, ByteBuffer content, ElfMachine machine) {
        this.bytes = new ElfBytes(name, content.duplicate().order(machine.order()));
        this.machine = machine;
    }

    /**
     * Checks the file and returns the names of the functions that it exports.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} if it is no library or damaged,
     *     {@link ErrorCode#INCOMPATIBLE} if it is one of another machine
     */
    Set<String> exportedFunctions() {
        checkMagic();
        checkHeader();
        ElfDynamic dynamic = readSegments();
        if (dynamic.isExecutable()) {
            throw bytes.invalid("an executable, not a shared library; link it with -shared");
        }
        return new ElfSymbols(bytes, dynamic).exportedFunctions();
    }

    private void checkMagic() {
        if (bytes.size() == 0) {
            throw bytes.invalid("empty file");
        }
        int magic = bytes.size() < 4 ? 0 : bytes.bigEndianInt(0);
        switch (magic) {
            case 0x7f454c46 -> {
                return;
            }
            case 0x0061736d ->
                throw bytes.invalid("a WebAssembly module, not a native library; its plugin_type is wasm");
            case 0xcffaedfe, 0xcefaedfe, 0xfeedfacf, 0xfeedface, 0xcafebabe ->
                throw bytes.incompatible("a macOS library (Mach-O); this system needs ELF");
            default -> {
                if ((magic >>> 16) == 0x4d5a) {
                    throw bytes.incompatible("a Windows library (PE); this system needs ELF");
                }
                throw bytes.invalid(
                        bytes.looksLikeText()
                                ? "a text file, not a native library (ELF)"
                                : "not a native library: it does not start as an ELF file does");
            }
        }
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
        int code = bytes.unsignedShort(18);
        if (code != machine.code()) {
            throw bytes.incompatible("made for " + ElfMachine.nameOf(code) + "; this machine is " + machine.name());
        }
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
                        throw bytes.invalid(
                                "a segment is both writable and executable; link it without -z wxneeded/-N");
                    }
                    dynamic.addSegment(address, offset, length);
                }
                case SEGMENT_DYNAMIC -> dynamic.setTable(offset, length);
                case SEGMENT_INTERPRETER -> dynamic.setInterpreter();
                case SEGMENT_STACK -> {
                    // The loader would make the stacks of the whole process executable, and take the guard pages.
                    if ((flags & EXECUTE) != 0) {
                        throw bytes.invalid("asks for an executable stack; link it with -z noexecstack");
                    }
                }
                default -> {}
            }
        }
        return dynamic.build();
    }
}
