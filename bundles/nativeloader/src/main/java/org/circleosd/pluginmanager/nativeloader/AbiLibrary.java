package org.circleosd.pluginmanager.nativeloader;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/** The calls of {@code plugin.h} on one library; used by one thread at a time. */
final class AbiLibrary implements AutoCloseable {

    private static final int MAX_DESCRIPTION_BYTES = 256 << 10;
    private static final int MAX_MESSAGE_BYTES = 4096;
    private static final int KEPT_BUFFER_BYTES = 64 << 10;
    private static final Object[] NOTHING = {};

    private final String name;
    private final PluginLibrary library;
    private final int outputBytes;
    private final @Nullable Function invoke;
    private final @Nullable Function free;
    /** Where a call leaves its result: a pointer and a length. */
    private final Memory out = new Memory(2L * Long.BYTES);

    private final Memory kept = new Memory(KEPT_BUFFER_BYTES);

    /**
     * Takes an opened library.
     *
     * @param name for messages
     * @param outputBytes largest result
     */
    AbiLibrary(String name, PluginLibrary library, int outputBytes) {
        this.name = name;
        this.library = library;
        this.outputBytes = outputBytes;
        this.invoke = library.function(Abi.INVOKE);
        this.free = library.function(Abi.FREE);
    }

    /**
     * Checks that the library was made for this ABI.
     *
     * @throws PluginException {@link ErrorCode#INCOMPATIBLE}
     */
    void checkVersion() {
        Function version = library.function(Abi.VERSION_OF);
        if (version == null) {
            return;
        }
        int found = version.invokeInt(NOTHING);
        int major = found >>> 16;
        if (major != Abi.MAJOR) {
            throw new PluginException(
                    ErrorCode.INCOMPATIBLE,
                    name + ": made for native ABI " + major + "." + (found & 0xffff) + "; this host has " + Abi.MAJOR
                            + "." + Abi.MINOR);
        }
    }

    /**
     * Hands over the host table.
     *
     * @throws PluginException {@link ErrorCode#INCOMPATIBLE} or {@link ErrorCode#PLUGIN_ERROR} if the plugin refuses
     */
    void attach(Pointer table) {
        Function attach = library.function(Abi.ATTACH);
        if (attach == null) {
            return;
        }
        int code = attach.invokeInt(new Object[] {table});
        if (code != Abi.OK) {
            throw new PluginException(
                    code == Abi.WRONG_ABI ? ErrorCode.INCOMPATIBLE : ErrorCode.PLUGIN_ERROR,
                    name + ": refuses this host: " + Abi.ATTACH + " answered " + Abi.shown(code));
        }
    }

    /** Runs the init function, if there is one. */
    void init(String entry) {
        Function init = library.function(entry.isEmpty() ? Abi.INIT : entry);
        if (init != null) {
            init.invokeVoid(NOTHING);
        } else if (!entry.isEmpty()) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID,
                    name + ": exports no function '" + entry + "', which the manifest's entry names");
        }
    }

    /** Returns what the plugin says of itself; null if it says nothing, or nothing that ends. */
    @Nullable
    String describe() {
        Function describe = library.function(Abi.DESCRIBE);
        Pointer text = describe == null ? null : describe.invokePointer(NOTHING);
        return text == null ? null : NativeText.read(text, MAX_DESCRIPTION_BYTES);
    }

    /** Says whether the library knows more of this ABI than the init function. */
    boolean isLevel1() {
        return Abi.LEVEL_1.stream().anyMatch(symbol -> library.function(symbol) != null);
    }

    boolean isInvocable() {
        return invoke != null;
    }

    /**
     * Calls {@code plugin_invoke}.
     *
     * @return the result's bytes
     * @throws PluginException the failure that the plugin's code stands for, or {@link ErrorCode#TOO_LARGE}
     */
    byte[] invoke(String function, byte[] payload) {
        Function target = invoke;
        if (target == null) {
            throw new PluginException(
                    ErrorCode.FUNCTION_NOT_FOUND,
                    "'" + function + "': " + name + " exports no " + Abi.INVOKE + ", so none of its functions can be"
                            + " called; it exports " + library.symbols().shown());
        }
        byte[] text = function.getBytes(StandardCharsets.UTF_8);
        long needed = (long) text.length + 1 + payload.length;
        if (needed <= KEPT_BUFFER_BYTES) {
            return invoke(target, function, text, payload, kept);
        }
        try (Memory fresh = new Memory(needed)) {
            return invoke(target, function, text, payload, fresh);
        }
    }

    /** Runs the plugin's own end, if it has one. */
    void shutdown() {
        Function shutdown = library.function(Abi.SHUTDOWN);
        if (shutdown != null) {
            shutdown.invokeVoid(NOTHING);
        }
    }

    @Override
    public void close() {
        library.release();
        out.close();
        kept.close();
    }

    private byte[] invoke(Function target, String function, byte[] text, byte[] payload, Memory buffer) {
        buffer.write(0, text, 0, text.length);
        buffer.setByte(text.length, (byte) 0);
        long payloadAt = text.length + 1L;
        if (payload.length > 0) {
            buffer.write(payloadAt, payload, 0, payload.length);
        }
        out.clear();
        // The payload's address is one past the end of a full buffer only if the payload is empty, then nobody reads
        // it.
        Pointer in = payload.length > 0 ? buffer.share(payloadAt) : buffer;
        int code = target.invokeInt(new Object[] {buffer, in, (long) payload.length, out, out.share(Long.BYTES)});
        Pointer result = out.getPointer(0);
        long length = out.getLong(Long.BYTES);
        try {
            return code == Abi.OK ? result(function, result, length) : fail(function, code, message(result, length));
        } finally {
            if (result != null && free != null) {
                free.invokeVoid(new Object[] {result, length});
            }
        }
    }

    private byte[] result(String function, @Nullable Pointer result, long length) {
        if (length == 0) {
            return new byte[0];
        }
        if (result == null) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR,
                    "'" + function + "' broke the ABI: it gave a result of " + Long.toUnsignedString(length)
                            + " bytes at NULL");
        }
        if (Long.compareUnsigned(length, outputBytes) > 0) {
            throw new PluginException(
                    ErrorCode.TOO_LARGE,
                    "'" + function + "' gave " + Long.toUnsignedString(length) + " bytes; its limit is " + outputBytes);
        }
        return result.getByteArray(0, (int) length);
    }

    private static String message(@Nullable Pointer text, long length) {
        if (text == null || length == 0) {
            return "";
        }
        boolean cut = Long.compareUnsigned(length, MAX_MESSAGE_BYTES) > 0;
        byte[] bytes = text.getByteArray(0, cut ? MAX_MESSAGE_BYTES : (int) length);
        return ": " + new String(bytes, StandardCharsets.UTF_8) + (cut ? "..." : "");
    }

    private static byte[] fail(String function, int code, String message) {
        String quoted = "'" + function + "'";
        throw switch (code) {
            case Abi.NO_FUNCTION ->
                new PluginException(ErrorCode.FUNCTION_NOT_FOUND, "the plugin has no function " + quoted + message);
            case Abi.BAD_ARGUMENT ->
                new PluginException(ErrorCode.BAD_REQUEST, quoted + " does not take this payload" + message);
            case Abi.NO_MEMORY -> new PluginException(ErrorCode.OUT_OF_MEMORY, quoted + " ran out of memory" + message);
            case Abi.CANCELLED -> new PluginException(ErrorCode.CANCELLED, quoted + " was cancelled" + message);
            default ->
                new PluginException(ErrorCode.PLUGIN_ERROR, quoted + " answered code " + Abi.shown(code) + message);
        };
    }
}
