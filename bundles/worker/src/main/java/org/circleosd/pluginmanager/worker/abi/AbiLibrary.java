package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;
import org.circleosd.pluginmanager.worker.wire.LoadStage;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;
import org.jspecify.annotations.Nullable;

/** The calls of {@code plugin.h} on one library. Thread-safe as far as the library is. */
public final class AbiLibrary implements AutoCloseable {

    /** A longer message of a plugin is cut after one more byte, which tells that it was. */
    public static final int MAX_MESSAGE_BYTES = 4096;

    private static final int MAX_DESCRIPTION_BYTES = 256 << 10;
    private static final byte[] EMPTY = {};
    private static final Object[] NOTHING = {};

    private final PluginLibrary library;
    private final long outputBytes;
    private final @Nullable Function invoke;
    private final @Nullable Function free;

    /**
     * Takes an opened library.
     *
     * @param outputBytes largest result
     */
    public AbiLibrary(PluginLibrary library, long outputBytes) {
        this.library = library;
        this.outputBytes = outputBytes;
        this.invoke = library.function(AbiSymbol.INVOKE);
        this.free = library.function(AbiSymbol.FREE);
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
        return invoke != null;
    }

    /** Calls {@code plugin_invoke}. */
    public CallResult invoke(CallMemory memory, String function, byte[] payload) {
        Function target = invoke;
        if (target == null) {
            return CallResult.of(ResultStatus.NO_FUNCTION);
        }
        byte[] text = function.getBytes(StandardCharsets.UTF_8);
        Memory buffer;
        try {
            buffer = memory.buffer((long) text.length + 1 + payload.length);
        } catch (OutOfMemoryError e) {
            return CallResult.of(ResultStatus.NO_MEMORY);
        }
        try {
            return invoke(target, memory, buffer, text, payload);
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

    @Override
    public void close() {
        library.release();
    }

    private CallResult invoke(Function target, CallMemory memory, Memory buffer, byte[] text, byte[] payload) {
        buffer.write(0, text, 0, text.length);
        buffer.setByte(text.length, (byte) 0);
        Pointer in = buffer;
        // The payload's address is one past the end of a full buffer only if the payload is empty, then nobody reads
        // it.
        if (payload.length > 0) {
            long payloadAt = text.length + 1L;
            buffer.write(payloadAt, payload, 0, payload.length);
            in = buffer.share(payloadAt);
        }
        Memory out = memory.out();
        out.clear();
        int code = target.invokeInt(new Object[] {buffer, in, (long) payload.length, out, memory.lengthAt()});
        Pointer result = out.getPointer(0);
        long length = out.getLong(Long.BYTES);
        try {
            return code == Abi.OK ? result(result, length) : CallResult.returned(code, message(result, length));
        } catch (OutOfMemoryError e) {
            return CallResult.of(ResultStatus.NO_MEMORY);
        } finally {
            if (result != null && free != null) {
                free.invokeVoid(new Object[] {result, length});
            }
        }
    }

    private CallResult result(@Nullable Pointer result, long length) {
        if (length == 0) {
            return CallResult.returned(Abi.OK, EMPTY);
        }
        if (result == null) {
            return CallResult.ofLength(ResultStatus.NO_POINTER, length);
        }
        if (Long.compareUnsigned(length, outputBytes) > 0) {
            return CallResult.ofLength(ResultStatus.TOO_LARGE, length);
        }
        return CallResult.returned(Abi.OK, result.getByteArray(0, Math.toIntExact(length)));
    }

    private static byte[] message(@Nullable Pointer text, long length) {
        if (text == null || length == 0) {
            return EMPTY;
        }
        boolean cut = Long.compareUnsigned(length, MAX_MESSAGE_BYTES) > 0;
        return text.getByteArray(0, cut ? MAX_MESSAGE_BYTES + 1 : (int) length);
    }
}
