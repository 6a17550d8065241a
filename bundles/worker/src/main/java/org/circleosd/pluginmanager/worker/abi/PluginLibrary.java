package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.util.Map;
import java.util.function.Predicate;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;
import org.circleosd.pluginmanager.worker.wire.LoadStage;
import org.jspecify.annotations.Nullable;

/**
 * An opened library. It stays mapped until the process ends: a thread that it started, or a destructor of a thread-local
 * that runs later, would execute unmapped memory and take the process down. A library loaded a thousand times costs its
 * mapping a thousand times; a process of its own has no such cost.
 */
public final class PluginLibrary {

    private static final int RTLD_NOW = 2;
    private static final int RTLD_LOCAL_LINUX = 0;
    private static final int RTLD_LOCAL_MAC = 4;
    private static final int RTLD_NODELETE_LINUX = 0x1000;
    private static final int RTLD_NODELETE_MAC = 0x80;

    private final NativeLibrary library;
    private final Predicate<String> exports;

    private PluginLibrary(NativeLibrary library, Predicate<String> exports) {
        this.library = library;
        this.exports = exports;
    }

    /**
     * Opens a library and runs its constructors.
     *
     * @param path of a file used by nobody else, with a name that this process never used before; with a slash in it
     * @param exports which functions the library has itself; the loader's look-up would also search its dependencies
     * @throws RefusedException {@link LoadStage#OPEN} with what the system's loader says
     */
    public static PluginLibrary open(String path, Predicate<String> exports) throws RefusedException {
        try {
            return new PluginLibrary(NativeLibrary.getInstance(path, openOptions()), exports);
        } catch (UnsatisfiedLinkError e) {
            throw new RefusedException(LoadStage.OPEN, Abi.OK, loadersText(e, path));
        }
    }

    /** Finds a function that the library itself exports; null if it does not. */
    @Nullable
    Function function(String function) {
        if (!exports.test(function)) {
            return null;
        }
        try {
            return library.getFunction(function);
        } catch (UnsatisfiedLinkError e) {
            return null;
        }
    }

    /** Finds a function of the ABI; null if the library does not have it. */
    @Nullable
    Function function(AbiSymbol symbol) {
        return function(symbol.symbol());
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
    private static String loadersText(UnsatisfiedLinkError error, String path) {
        String text = String.valueOf(error.getMessage());
        String jnas = "Unable to load library '" + path + "':";
        String loaders = text.startsWith(jnas) ? text.substring(jnas.length()) : text;
        return loaders.strip().lines().findFirst().orElse("the system's loader refused it");
    }
}
