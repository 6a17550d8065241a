package org.circleosd.pluginmanager.nativeloader.binary;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * Looks at a plugin file before the system's loader does, whose errors mislead ("No such file or directory" for another
 * architecture) and which dies of a truncated file. Any bytes give an answer or a {@link PluginException}, in bounded
 * time and memory. Exact messages, sure exports and something to read for the operator; not a security boundary.
 */
public final class BinaryCheck {

    /** More architectures than any universal file has. A Java class, which starts alike, has its version there. */
    private static final int MAX_ARCHITECTURES = 30;

    private final Optional<LibraryMachine> machine;

    /**
     * Makes a check.
     *
     * @param machine whose libraries are accepted; empty: the format is not read, the system's loader decides alone
     */
    BinaryCheck(Optional<LibraryMachine> machine) {
        this.machine = machine;
    }

    /** Makes a check for libraries that this process can load. */
    public static BinaryCheck forThisMachine() {
        return new BinaryCheck(LibraryMachine.ofThisOne());
    }

    /**
     * Checks that the file is a library of this machine, and reads it.
     *
     * @param name what messages call the file
     * @param file not changed by anyone meanwhile
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} if it is no library or damaged,
     *     {@link ErrorCode#INCOMPATIBLE} if it is one of another system or machine
     */
    public LibraryFile read(String name, Path file) {
        if (machine.isEmpty()) {
            return LibraryFile.unread(name);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size > Integer.MAX_VALUE) {
                throw new PluginException(
                        ErrorCode.PLUGIN_INVALID, name + ": " + size + " bytes; a native plugin may have 2 GiB");
            }
            // Mapped, so that a large library costs only the pages that are looked at.
            return read(name, channel.map(FileChannel.MapMode.READ_ONLY, 0, size));
        } catch (IOException e) {
            throw new PluginException(ErrorCode.PLUGIN_INVALID, name + ": cannot be read: " + e.getMessage());
        }
    }

    LibraryFile read(String name, ByteBuffer content) {
        if (machine.isEmpty()) {
            return LibraryFile.unread(name);
        }
        LibraryMachine wanted = machine.get();
        FileBytes bytes = new FileBytes(name, content.duplicate().order(wanted.order()));
        LibraryFormat found = formatOf(bytes, wanted.format());
        if (found != wanted.format()) {
            throw bytes.incompatible(found.description() + "; this system needs "
                    + wanted.format().title());
        }
        return switch (found) {
            case ELF -> new ElfReader(bytes, wanted).read();
            case PE -> new PeReader(bytes, wanted).read();
            case MACH_O -> UniversalFile.read(bytes, wanted);
        };
    }

    private static LibraryFormat formatOf(FileBytes bytes, LibraryFormat wanted) {
        if (bytes.size() == 0) {
            throw bytes.invalid("empty file");
        }
        int magic = bytes.size() < 4 ? 0 : bytes.bigEndianInt(0);
        return switch (magic) {
            case 0x7f454c46 -> LibraryFormat.ELF;
            case 0xcffaedfe, 0xcefaedfe, 0xfeedfacf, 0xfeedface, UniversalFile.MAGIC_64 -> LibraryFormat.MACH_O;
            case UniversalFile.MAGIC -> {
                if (bytes.size() >= 8 && Integer.compareUnsigned(bytes.bigEndianInt(4), MAX_ARCHITECTURES) > 0) {
                    throw bytes.invalid("a Java class, not a native library");
                }
                yield LibraryFormat.MACH_O;
            }
            case 0x0061736d ->
                throw bytes.invalid("a WebAssembly module, not a native library; its plugin_type is wasm");
            default -> {
                if (magic >>> 16 == 0x4d5a) {
                    yield LibraryFormat.PE;
                }
                throw bytes.invalid(
                        bytes.looksLikeText()
                                ? "a text file, not a native library (" + wanted.title() + ")"
                                : "not a native library: it starts with none of the marks of " + wanted.title());
            }
        };
    }
}
