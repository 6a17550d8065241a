package org.circleosd.pluginmanager.nativeloader;

import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Path;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * An opened library. It stays mapped until the process ends: a thread that it started, or a destructor of a thread-local
 * that runs later, would execute unmapped memory and take the process down. A library loaded a thousand times costs its
 * mapping a thousand times; a process of its own has no such cost.
 */
final class PluginLibrary {

    private static final int RTLD_NOW = 2;
    private static final int RTLD_LOCAL_LINUX = 0;
    private static final int RTLD_LOCAL_MAC = 4;
    private static final int RTLD_NODELETE_LINUX = 0x1000;
    private static final int RTLD_NODELETE_MAC = 0x80;

    private final NativeLibrary library;
    private final LibrarySymbols symbols;

    private PluginLibrary(NativeLibrary library, LibrarySymbols symbols) {
        this.library = library;
        this.symbols = symbols;
    }

    /**
     * Opens a library and runs its constructors.
     *
     * @param name for messages
     * @param copy used by nobody else, with a name that this process never used before
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} with what the system's loader says
     */
    static PluginLibrary open(String name, Path copy, LibrarySymbols symbols) {
        try {
            return new PluginLibrary(NativeLibrary.getInstance(copy.toString(), openOptions()), symbols);
        } catch (UnsatisfiedLinkError e) {
            throw new PluginException(ErrorCode.PLUGIN_INVALID, name + ": " + reason(e, name, copy));
        }
    }

    /** Finds a function that the library itself exports; null if it does not. */
    @Nullable
    Function function(String function) {
        if (!symbols.mayExport(function)) {
            return null;
        }
        try {
            return library.getFunction(function);
        } catch (UnsatisfiedLinkError e) {
            return null;
        }
    }

    LibrarySymbols symbols() {
        return symbols;
    }

    /** Lets JNA forget the library; it stays mapped. */
    void release() {
        library.close();
    }

    /**
     * JNA's own flags are lazy and global: a missing symbol would be found by the first call that needs it, and of two
     * plugins with the same symbol the second would call into the first. "No delete" makes closing safe, also when JNA
     * closes a library that it thinks nobody uses.
     */
    private static Map<String, Object> openOptions() {
        if (Platform.isWindows()) {
            return Map.of();
        }
        int flags = Platform.isMac()
                ? RTLD_NOW | RTLD_LOCAL_MAC | RTLD_NODELETE_MAC
                : RTLD_NOW | RTLD_LOCAL_LINUX | RTLD_NODELETE_LINUX;
        return Map.of(Library.OPTION_OPEN_FLAGS, flags);
    }

    /** JNA repeats the loader's text once for each try; the first says it all. */
    private static String reason(UnsatisfiedLinkError error, String name, Path copy) {
        String text = String.valueOf(error.getMessage()).replace(copy.toString(), name);
        String ownPrefix = "Unable to load library '" + name + "':";
        String loaders = text.startsWith(ownPrefix) ? text.substring(ownPrefix.length()) : text;
        String first = loaders.strip().lines().findFirst().orElse("the system's loader refused it");
        String bare = first.startsWith(name + ": ") ? first.substring(name.length() + 2) : first;
        if (bare.contains("cannot open shared object file")) {
            return "a library that it needs was not found: " + bare
                    + ". The plugin runs from a private copy: libraries beside the plugin file are not seen";
        }
        if (bare.contains("failed to map segment")) {
            return bare + ". Is " + copy.getParent() + " on a file system mounted noexec? Set copy.dir";
        }
        return bare;
    }
}
