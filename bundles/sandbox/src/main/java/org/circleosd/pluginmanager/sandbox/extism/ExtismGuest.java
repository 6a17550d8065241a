package org.circleosd.pluginmanager.sandbox.extism;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.sandbox.wasi.CallLog;
import org.jspecify.annotations.Nullable;

/**
 * One guest's view of an Extism host: blocks of memory, the input and the output of its present call, and what it asks
 * the host for. For one thread at a time.
 */
public final class ExtismGuest {

    private static final byte[] NOTHING = {};
    /** Longest error text that leaves the plugin, in bytes. */
    private static final int ERROR_BYTES = 8 << 10;

    private final ExtismPlugin plugin;
    private final Blocks blocks;
    private final CallLog log;

    private long input;
    private int inputLength;
    private long output;
    private int outputLength;
    private long error;
    private @Nullable WebResponse response;

    ExtismGuest(ExtismPlugin plugin, Blocks blocks, CallLog log) {
        this.plugin = plugin;
        this.blocks = blocks;
        this.log = log;
    }

    /**
     * Begins a call: what earlier ones left is gone.
     *
     * @throws PluginException {@link ErrorCode#OUT_OF_MEMORY} if there is no room for the payload
     */
    public void begin(byte[] payload) {
        blocks.reset();
        output = 0;
        outputLength = 0;
        error = 0;
        response = null;
        input = blocks.write(payload);
        inputLength = payload.length;
        if (input == 0 && payload.length > 0) {
            throw noRoom("a payload", payload.length);
        }
    }

    /** Ends a call, or the initialisation: its blocks die, and what they took is given back. */
    public void end() {
        blocks.release();
        inputLength = 0;
        response = null;
    }

    /** Returns what the plugin says went wrong; empty if it says nothing. */
    public Optional<String> error() {
        if (error == 0) {
            return Optional.empty();
        }
        int length = blocks.length(error);
        String text = new String(blocks.copy(error, Math.min(length, ERROR_BYTES)), UTF_8);
        return Optional.of(
                length > ERROR_BYTES ? text + "... (" + length + " bytes)" : text.isEmpty() ? "no reason given" : text);
    }

    /**
     * Returns a copy of the output.
     *
     * @param limit longest output, in bytes
     * @throws PluginException {@link ErrorCode#TOO_LARGE} if it is longer
     */
    public byte[] output(int limit) {
        if (outputLength > limit) {
            throw new PluginException(
                    ErrorCode.TOO_LARGE,
                    "the plugin's output has " + outputLength + " bytes; at most " + limit
                            + " bytes are allowed (limits.output_bytes)");
        }
        return outputLength == 0 ? NOTHING : blocks.copy(output, outputLength);
    }

    /** Returns the bytes of a block; none for any other number. */
    public byte[] read(long handle) {
        return blocks.read(handle);
    }

    /** Makes a block of bytes; returns its handle, 0 for no bytes or want of memory. */
    public long write(byte[] bytes) {
        return blocks.write(bytes);
    }

    Blocks blocks() {
        return blocks;
    }

    void free(long handle) {
        if (handle == input) {
            inputLength = 0;
        }
        blocks.free(handle);
    }

    long inputLength() {
        return inputLength;
    }

    long inputOffset() {
        return input;
    }

    int inputLoad8(long offset) {
        return offset >= 0 && offset < inputLength ? blocks.load8(input + offset) : 0;
    }

    /** Reads eight bytes of the input; 0 if it has not that many there. */
    long inputLoad64(long offset) {
        return offset >= 0 && offset <= inputLength - Long.BYTES ? blocks.load64(input + offset) : 0;
    }

    void setOutput(long position, long length) {
        if (length == 0) {
            outputLength = 0;
        } else if (blocks.contains(position, length)) {
            output = position;
            outputLength = (int) length;
        }
    }

    void setError(long handle) {
        if (handle == 0 || blocks.length(handle) > 0) {
            error = handle;
        }
    }

    long getError() {
        return error;
    }

    long config(long key) {
        return give("config_get", plugin.config(ExtismPlugin.key(take("config_get", key))));
    }

    long getVariable(long key) {
        return give("var_get", plugin.variables().get(ExtismPlugin.key(take("var_get", key))));
    }

    void setVariable(long key, long value) {
        String name = ExtismPlugin.key(take("var_set", key));
        if (value == 0) {
            plugin.variables().remove(name);
        } else {
            plugin.variables().set(name, take("var_set", value));
        }
    }

    /** Sends an HTTP request; returns the body of the answer. */
    long request(long description, long body) {
        WebRequest request = WebRequest.parse(take("http_request", description));
        WebResponse answer = plugin.send(request, take("http_request", body), blocks.room());
        response = answer;
        return give("http_request", answer.body());
    }

    int status() {
        return response == null ? 0 : response.status();
    }

    long headers() {
        return response == null ? 0 : give("http_headers", response.headersAsJson());
    }

    void log(LogLevel level, long message) {
        byte[] text = take("log", message);
        if (level.compareTo(plugin.level()) >= 0) {
            log.message(level.prefix(), text);
        }
    }

    int logLevel() {
        return plugin.level().number();
    }

    /** Takes a block that the guest hands over; 0 stands for an empty one. */
    private byte[] take(String function, long handle) {
        if (handle == 0) {
            return NOTHING;
        }
        byte[] bytes = blocks.read(handle);
        if (bytes.length == 0) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR,
                    function + ": invalid handle " + Long.toUnsignedString(handle)
                            + "; expected one that alloc returned and that is not freed");
        }
        free(handle);
        return bytes;
    }

    /**
     * Makes a block for the guest; null and no bytes give 0.
     *
     * @throws PluginException {@link ErrorCode#OUT_OF_MEMORY} if there is no room for it
     */
    public long give(String function, byte @Nullable [] bytes) {
        if (bytes == null || bytes.length == 0) {
            return 0;
        }
        long handle = blocks.write(bytes);
        if (handle == 0) {
            throw noRoom("what " + function + " found", bytes.length);
        }
        return handle;
    }

    private static PluginException noRoom(String what, int bytes) {
        return new PluginException(
                ErrorCode.OUT_OF_MEMORY,
                "the plugin has no room for " + what + " of " + bytes
                        + " bytes; a larger limits.memory_bytes gives it more");
    }
}
