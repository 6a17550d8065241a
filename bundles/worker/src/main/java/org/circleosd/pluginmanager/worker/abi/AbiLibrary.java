package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;
import org.circleosd.pluginmanager.worker.wire.LoadStage;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;
import org.jspecify.annotations.Nullable;

/** The calls of {@code plugin.h} on one library. Thread-safe as far as the library is. */
public final class AbiLibrary {

    /** A longer message of a plugin is cut. */
    public static final int MAX_MESSAGE_BYTES = 4096;

    private static final int MAX_DESCRIPTION_BYTES = 256 << 10;
    private static final byte[] EMPTY = {};
    private static final Object[] NOTHING = {};

    private final PluginLibrary library;
    private final long outputBytes;
    /** Addresses; 0: there is no such function. */
    private final long invoke;

    private final long free;

    /**
     * Takes an opened library.
     *
     * @param outputBytes largest result
     */
    public AbiLibrary(PluginLibrary library, long outputBytes) {
        this.library = library;
        // No array of Java's can be larger.
        this.outputBytes = Math.min(outputBytes, Integer.MAX_VALUE - 8);
        this.invoke = Pointer.nativeValue(library.function(AbiSymbol.INVOKE));
        this.free = Pointer.nativeValue(library.function(AbiSymbol.FREE));
    }

    /** Checks that the library was made for this ABI. */
    public void checkVersion() throws RefusedException {
        Function version = library.function(AbiSymbol.VERSION);
        if (version != null) {
            int found = version.invokeInt(NOTHING);
            if (found >>> 16 != Abi.MAJOR) {
                throw new RefusedException(LoadStage.VERSION, found, "");
            }
        }
    }

    /** Hands over the host table. */
    public void attach(Pointer table) throws RefusedException {
        Function attach = library.function(AbiSymbol.ATTACH);
        if (attach != null) {
            int code = attach.invokeInt(new Object[] {table});
            if (code != Abi.OK) {
                throw new RefusedException(LoadStage.ATTACH, code, "");
            }
        }
    }

    /**
     * Runs the init function.
     *
     * @param entry its name; empty: {@code plugin_init}, if there is one
     */
    public void init(String entry) throws RefusedException {
        Function init = entry.isEmpty() ? library.function(AbiSymbol.INIT) : library.function(entry);
        if (init != null) {
            init.invokeVoid(NOTHING);
        } else if (!entry.isEmpty()) {
            throw new RefusedException(LoadStage.ENTRY, Abi.OK, "");
        }
    }

    /** Returns what the plugin says of itself; null if it says nothing, or nothing that ends. */
    public @Nullable String describe() {
        Function describe = library.function(AbiSymbol.DESCRIBE);
        Pointer text = describe == null ? null : describe.invokePointer(NOTHING);
        return text == null ? null : NativeText.read(text, MAX_DESCRIPTION_BYTES);
    }

    /** Returns 1 if the library knows more of this ABI than the init function, else 0. */
    public int level() {
        for (AbiSymbol symbol : AbiSymbol.LEVEL_1) {
            if (library.function(symbol) != null) {
                return 1;
            }
        }
        return 0;
    }

    /** Says whether there is a {@code plugin_invoke}. */
    public boolean isInvocable() {
        return invoke != 0;
    }

    /** Calls {@code plugin_invoke}. */
    public CallResult invoke(CallMemory memory, String function, byte[] payload) {
        // C would take such a name for its start.
        if (invoke == 0 || function.indexOf('\0') >= 0) {
            return CallResult.of(ResultStatus.NO_FUNCTION);
        }
        try {
            int code = memory.invoke(invoke, function.getBytes(StandardCharsets.UTF_8), payload);
            return take(memory, code);
        } catch (OutOfMemoryError e) {
            return CallResult.of(ResultStatus.NO_MEMORY);
        } finally {
            memory.trim();
        }
    }

    /**
     * Calls a {@code void} function without parameters.
     *
     * @return whether there is one of this name
     */
    public boolean run(String function) {
        Function target = library.function(function);
        if (target == null) {
            return false;
        }
        target.invokeVoid(NOTHING);
        return true;
    }

    /** Runs the plugin's own end, if it has one. */
    public void shutdown() {
        Function shutdown = library.function(AbiSymbol.SHUTDOWN);
        if (shutdown != null) {
            shutdown.invokeVoid(NOTHING);
        }
    }

    private CallResult take(CallMemory memory, int code) {
        long result = memory.result();
        long length = memory.resultLength();
        try {
            return code == Abi.OK ? result(result, length) : CallResult.returned(code, message(result, length));
        } finally {
            if (result != 0 && free != 0) {
                memory.free(free);
            }
        }
    }

    private CallResult result(long result, long length) {
        if (length == 0) {
            return CallResult.returned(Abi.OK, EMPTY);
        }
        if (result == 0) {
            return CallResult.ofLength(ResultStatus.NO_POINTER, length);
        }
        if (Long.compareUnsigned(length, outputBytes) > 0) {
            return CallResult.ofLength(ResultStatus.TOO_LARGE, length);
        }
        return CallResult.returned(Abi.OK, new Pointer(result).getByteArray(0, (int) length));
    }

    private static byte[] message(long text, long length) {
        if (text == 0 || length == 0) {
            return EMPTY;
        }
        boolean cut = Long.compareUnsigned(length, MAX_MESSAGE_BYTES) > 0;
        return new Pointer(text).getByteArray(0, cut ? MAX_MESSAGE_BYTES : (int) length);
    }
}
