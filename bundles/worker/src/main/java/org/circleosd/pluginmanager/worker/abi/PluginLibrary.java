package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
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

    private final Source source;
    private final Predicate<String> exports;

    private PluginLibrary(Source source, Predicate<String> exports) {
        this.source = source;
        this.exports = exports;
    }

    /**
     * Opens a library and runs its constructors.
     *
     * @param path of a file used by nobody else, with a name that this process never used before; with a slash in it
     * @param exports which functions the library has itself, as far as somebody knows
     * @throws RefusedException {@link LoadStage#OPEN} with what the system's loader says
     */
    public static PluginLibrary open(String path, Predicate<String> exports) throws RefusedException {
        return new PluginLibrary(Platform.isWindows() ? windows(path) : posix(path), exports);
    }

    /** Finds a function that the library itself exports; null if it does not. */
    @Nullable
    Function function(String function) {
        return function.isEmpty() || !exports.test(function) ? null : source.find(function);
    }

    /** Finds a function of the ABI; null if the library does not have it. */
    @Nullable
    Function function(AbiSymbol symbol) {
        return function(symbol.symbol());
    }

    private static Source posix(String path) throws RefusedException {
        DynamicLoader loader = new DynamicLoader();
        Pointer handle = loader.open(path);
        return name -> {
            Pointer address = loader.find(handle, name);
            return address == null ? null : Function.getFunction(address);
        };
    }

    private static Source windows(String path) throws RefusedException {
        try {
            NativeLibrary library = NativeLibrary.getInstance(path);
            return name -> {
                try {
                    return library.getFunction(name);
                } catch (UnsatisfiedLinkError e) {
                    return null;
                }
            };
        } catch (UnsatisfiedLinkError e) {
            throw new RefusedException(LoadStage.OPEN, Abi.OK, String.valueOf(e.getMessage()));
        }
    }

    /** Where functions are found. */
    @FunctionalInterface
    private interface Source {
        @Nullable
        Function find(String name);
    }
}
