package org.circleosd.pluginmanager.sandbox.services;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.circleosd.pluginmanager.sandbox.wasi.Wasi;
import org.jspecify.annotations.Nullable;

/**
 * One guest's view of the host's services. What a guest gives is checked here: a range outside of its memory is a trap,
 * everything else that is wrong a negative number. For one thread at a time.
 */
public final class ServiceGuest {

    private static final byte[] NOTHING = {};
    private static final int MAX_KEY_BYTES = 255;
    private static final int MAX_ID_BYTES = 63;
    /** Of 256 characters, the most that a function's name has. */
    private static final int MAX_FUNCTION_BYTES = 1024;

    private final PluginServices services;

    /** What the last call of another plugin answered, or why it failed. */
    private byte[] result = NOTHING;

    private boolean failed;

    ServiceGuest(PluginServices services) {
        this.services = services;
    }

    /** Ends a call: what others answered is gone. */
    public void end() {
        result = NOTHING;
        failed = false;
    }

    /** Copies a value as far as it fits; returns its whole length, or a negative code. */
    long getValue(GuestMemory memory, int key, int keyLength, int room, int roomLength) {
        checkInside(memory, "kv_get", room, roomLength);
        String name = text(memory, "kv_get", key, keyLength, MAX_KEY_BYTES);
        KeyValues values = services.values();
        if (name == null || values == null) {
            return values == null ? Code.DENIED : Code.BAD_ARGUMENT;
        }
        StackRoom.check();
        byte[] value;
        try {
            value = values.get(name);
        } catch (PluginException e) {
            return failedValue("kv_get", e);
        }
        return value == null ? Code.NOT_FOUND : copy(memory, value, room, roomLength);
    }

    /** Keeps a value, at address 0 none; returns 0 or a negative code. */
    int putValue(GuestMemory memory, int key, int keyLength, int value, int valueLength) {
        String name = text(memory, "kv_put", key, keyLength, MAX_KEY_BYTES);
        checkInside(memory, "kv_put", value, value == 0 ? 0 : valueLength);
        KeyValues values = services.values();
        if (name == null || values == null) {
            return values == null ? Code.DENIED : Code.BAD_ARGUMENT;
        }
        if (value != 0 && Integer.compareUnsigned(valueLength, PluginServices.MAX_VALUE_BYTES) > 0) {
            return Code.NO_MEMORY;
        }
        StackRoom.check();
        try {
            values.put(name, value == 0 ? null : memory.read(value, valueLength));
            return Code.OK;
        } catch (PluginException e) {
            return failedValue("kv_put", e);
        }
    }

    /** Calls another plugin; returns the length of its answer, or a negative code. */
    long call(GuestMemory memory, int[] plugin, int[] function, int[] payload) {
        String id = text(memory, "call", plugin[0], plugin[1], MAX_ID_BYTES);
        String name = text(memory, "call", function[0], function[1], MAX_FUNCTION_BYTES);
        checkInside(memory, "call", payload[0], payload[1]);
        if (id == null || name == null) {
            return fail(new PluginException(
                    ErrorCode.BAD_REQUEST,
                    "expected the id of a plugin with at most " + MAX_ID_BYTES
                            + " characters and the name of a function with at most " + MAX_FUNCTION_BYTES
                            + " bytes, both in UTF-8"));
        }
        if (Integer.compareUnsigned(payload[1], services.payloadBytes()) > 0) {
            return fail(payloadTooLarge(Integer.toUnsignedLong(payload[1])));
        }
        return call(id, name, memory.read(payload[0], payload[1]));
    }

    /** Calls another plugin; returns the length of its answer, or a negative code. */
    long call(String id, String function, byte[] payload) {
        // Before anything that can fail: an old answer must not be taken for the new one.
        result = NOTHING;
        failed = false;
        if (payload.length > services.payloadBytes()) {
            return fail(payloadTooLarge(payload.length));
        }
        services.checkMayCall();
        StackRoom.check();
        try {
            result = services.call(new PluginId(id), function, payload);
            return result.length;
        } catch (PluginException e) {
            rethrowIfOver(e);
            return fail(e);
        }
    }

    /** Copies the last answer, or why there is none, as far as it fits; returns its whole length. */
    long result(GuestMemory memory, int room, int roomLength) {
        checkInside(memory, "call_result", room, roomLength);
        return copy(memory, result, room, roomLength);
    }

    /** Returns the last answer; no bytes if the call failed. */
    byte[] answer() {
        return failed ? NOTHING : result;
    }

    /** Returns why the last call failed; no bytes if it did not. */
    byte[] error() {
        return failed ? result : NOTHING;
    }

    private int fail(PluginException failure) {
        result = (failure.code().wireName() + ": " + failure.getMessage()).getBytes(UTF_8);
        failed = true;
        return Code.ofCall(failure);
    }

    /** A code says little; the reason goes to the plugin's log, where its author looks. */
    private int failedValue(String function, PluginException failure) {
        rethrowIfOver(failure);
        services.log().append("[warn] " + function + ": " + failure.getMessage());
        return Code.ofValues(failure);
    }

    /** The time of the guest's own call is up, or its caller gave up: there is nobody to tell. */
    private static void rethrowIfOver(PluginException failure) {
        if (failure.code() == ErrorCode.CANCELLED) {
            throw failure;
        }
    }

    private PluginException payloadTooLarge(long found) {
        return new PluginException(
                ErrorCode.TOO_LARGE,
                "the payload has " + found + " bytes; at most " + services.payloadBytes()
                        + " are taken (limits.output_bytes of the plugin that calls)");
    }

    private static long copy(GuestMemory memory, byte[] bytes, int room, int roomLength) {
        int fitting = Integer.compareUnsigned(roomLength, bytes.length) < 0 ? roomLength : bytes.length;
        memory.write(room, bytes, 0, fitting);
        return bytes.length;
    }

    /** Reads a text of 1 to so many bytes; null if it is no such text. */
    private static @Nullable String text(GuestMemory memory, String function, int address, int length, int most) {
        checkInside(memory, function, address, length);
        if (length == 0 || Integer.compareUnsigned(length, most) > 0) {
            return null;
        }
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(memory.read(address, length)))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static void checkInside(GuestMemory memory, String function, int address, int length) {
        if (!Wasi.fits(memory, address, Integer.toUnsignedLong(length))) {
            throw new PluginException(
                    ErrorCode.PLUGIN_TRAP,
                    function + " was handed " + Integer.toUnsignedString(length) + " bytes at address "
                            + Integer.toUnsignedString(address) + ", outside the plugin's memory of " + memory.size()
                            + " bytes");
        }
    }
}
