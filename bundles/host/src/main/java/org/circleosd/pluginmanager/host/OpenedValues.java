package org.circleosd.pluginmanager.host;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.StateStore;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.jspecify.annotations.Nullable;

/**
 * A plugin's values as one opened content sees them. What it puts while it is being loaded is kept together with its
 * record, or not at all: a load or a replacement that fails changes nothing.
 */
final class OpenedValues implements KeyValues {

    private static final int MAX_KEY_BYTES = 255;

    private final PluginValues values;
    private final long quota;

    /** What was put before the content was taken; null from then on. Changed only in the order of the values. */
    private volatile @Nullable Map<String, Optional<byte[]>> draft;

    private volatile boolean isRefused;

    private OpenedValues(PluginValues values, long quota, @Nullable Map<String, Optional<byte[]>> draft) {
        this.values = values;
        this.quota = quota;
        this.draft = draft;
    }

    /** For content that is loaded. */
    static OpenedValues ofKept(PluginValues values, long quota) {
        return new OpenedValues(values, quota, null);
    }

    /** For content that is being loaded: {@link #take} or {@link #refuse} comes next. */
    static OpenedValues ofNew(PluginValues values, long quota) {
        return new OpenedValues(values, quota, new ConcurrentHashMap<>());
    }

    /** Makes durable what was put, together with the plugin's records. */
    void take(List<StateStore.Change> records) {
        values.state().run(store -> {
            Map<String, Optional<byte[]>> put = draft;
            values.keep(store, put == null ? Map.of() : put, quota, records);
            draft = null;
        });
    }

    /** Forgets what was put, and takes no more. */
    void refuse() {
        isRefused = true;
    }

    boolean isTaken() {
        return draft == null;
    }

    @Override
    public byte @Nullable [] get(String key) {
        checkKey(key);
        checkRefused();
        Map<String, Optional<byte[]>> put = draft;
        Optional<byte[]> own = put == null ? null : put.get(key);
        byte[] value = own == null ? values.get(key) : own.orElse(null);
        return value == null ? null : value.clone();
    }

    @Override
    public void put(String key, byte @Nullable [] value) {
        checkKey(key);
        if (value != null && value.length > quota) {
            throw new PluginException(
                    ErrorCode.TOO_LARGE,
                    "the value of '" + key + "' has " + value.length + " bytes; the plugin's quota is " + quota);
        }
        // What the caller makes of its array afterwards is not what was kept.
        Optional<byte[]> own = Optional.ofNullable(value).map(byte[]::clone);
        values.state().run(store -> put(store, key, own));
    }

    private void put(StateStore store, String key, Optional<byte[]> value) {
        checkRefused();
        Map<String, Optional<byte[]>> put = draft;
        if (put == null) {
            values.keep(store, Map.of(key, value), quota, List.of());
            return;
        }
        Map<String, Optional<byte[]>> next = new HashMap<>(put);
        next.put(key, value);
        values.check(store, next, quota);
        put.put(key, value);
    }

    private void checkRefused() {
        if (isRefused) {
            throw values.gone();
        }
    }

    private static void checkKey(String key) {
        int bytes;
        try {
            bytes = StandardCharsets.UTF_8
                    .newEncoder()
                    .encode(CharBuffer.wrap(key))
                    .remaining();
        } catch (CharacterCodingException e) {
            throw badKey("half a surrogate pair");
        }
        if (bytes < 1 || bytes > MAX_KEY_BYTES) {
            throw badKey(bytes + " bytes");
        }
        if (key.chars().anyMatch(Character::isISOControl)) {
            throw badKey("a control character");
        }
    }

    private static PluginException badKey(String found) {
        return new PluginException(
                ErrorCode.BAD_REQUEST,
                "the key of a value has " + found + "; expected 1 to " + MAX_KEY_BYTES
                        + " bytes of UTF-8 without control characters");
    }
}
