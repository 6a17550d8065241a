package org.circleosd.pluginmanager.nativeloader.plugin;

import java.nio.file.Path;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.nativeloader.binary.LibraryFile;
import org.circleosd.pluginmanager.nativeloader.binary.LibrarySymbols;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;

/** Says whether a library is a plugin. */
public final class LibraryCheck {

    private LibraryCheck() {}

    /**
     * Checks that the library has the init symbol that its manifest names, or one symbol of a plugin.
     *
     * @param entry the manifest's; may be empty
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID}
     */
    public static void checkEntry(LibraryFile library, String entry) {
        String name = library.name();
        LibrarySymbols symbols = library.symbols();
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
    public static String nameOf(PluginImage image) {
        Path name = image.origin().getFileName();
        return name == null ? image.origin().toString() : name.toString();
    }
}
