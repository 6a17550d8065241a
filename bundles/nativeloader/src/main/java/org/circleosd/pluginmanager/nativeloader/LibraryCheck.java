package org.circleosd.pluginmanager.nativeloader;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;

/**
 * Looks at a plugin file before the system's loader does, whose errors mislead ("No such file or directory" for another
 * architecture) and which dies of a truncated file. Exact messages and sure exports, not a security boundary.
 */
final class LibraryCheck {

    private final Optional<ElfMachine> machine;

    /**
     * Makes a check.
     *
     * @param machine whose ELF files are accepted; empty: the format is not read, the system's loader decides alone
     */
    LibraryCheck(Optional<ElfMachine> machine) {
        this.machine = machine;
    }

    /**
     * Checks that the file is a library of this machine.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} or {@link ErrorCode#INCOMPATIBLE}
     */
    LibrarySymbols check(PluginImage image) {
        if (machine.isEmpty()) {
            return LibrarySymbols.UNKNOWN;
        }
        String name = nameOf(image);
        try (FileChannel file = FileChannel.open(image.file(), StandardOpenOption.READ)) {
            long size = file.size();
            if (size > Integer.MAX_VALUE) {
                throw new PluginException(
                        ErrorCode.PLUGIN_INVALID, name + ": " + size + " bytes; a native plugin may have 2 GiB");
            }
            // Mapped, so that a large library costs only the pages that are looked at.
            ByteBuffer bytes = file.map(FileChannel.MapMode.READ_ONLY, 0, size);
            return LibrarySymbols.of(new ElfFile(name, bytes, machine.get()).exportedFunctions());
        } catch (IOException e) {
            throw new PluginException(ErrorCode.PLUGIN_INVALID, name + ": cannot be read: " + e.getMessage());
        }
    }

    /**
     * Checks that the library has the init symbol that its manifest names, or one symbol of a plugin.
     *
     * @param entry the manifest's; may be empty
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID}
     */
    static void checkEntry(String name, LibrarySymbols symbols, String entry) {
        if (!entry.isEmpty()) {
            if (!symbols.mayExport(entry)) {
                throw new PluginException(
                        ErrorCode.PLUGIN_INVALID,
                        name + ": exports no function '" + entry + "', which the manifest's entry names; it exports "
                                + symbols.shown());
            }
            return;
        }
        if (!symbols.mayExport(AbiSymbol.INIT.symbol())
                && AbiSymbol.LEVEL_1.stream().map(AbiSymbol::symbol).noneMatch(symbols::mayExport)) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID,
                    name + ": exports neither " + AbiSymbol.INIT.symbol() + " nor " + AbiSymbol.INVOKE.symbol()
                            + "; it exports " + symbols.shown()
                            + ". Name its init function as the manifest's entry, or see plugin.h");
        }
    }

    /** Returns what messages call the file: the name that the operator gave it. */
    static String nameOf(PluginImage image) {
        Path name = image.origin().getFileName();
        return name == null ? image.origin().toString() : name.toString();
    }
}
