package org.circleosd.pluginmanager.sandbox.extism;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.jspecify.annotations.Nullable;

/** Variables that are durable when they are set: the values that the host keeps for the plugin. */
record KeptVariables(KeyValues values) implements VariableStore {

    @Override
    public byte @Nullable [] get(String name) {
        return told(() -> values.get(key(name)));
    }

    @Override
    public void set(String name, byte[] value) {
        put(name, value);
    }

    @Override
    public void remove(String name) {
        put(name, null);
    }

    private void put(String name, byte @Nullable [] value) {
        told(() -> {
            values.put(key(name), value);
            return null;
        });
    }

    /** Names are bytes in Extism; a key of the host is a text. */
    private static String key(String name) {
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(name.getBytes(ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR, "the name of a variable that is kept has to be UTF-8 (capability kv)");
        }
    }

    /** What the plugin did wrong is its own error; what the state could not do keeps its code. */
    private static byte @Nullable [] told(Access access) {
        try {
            return access.run();
        } catch (PluginException e) {
            if (e.code() == ErrorCode.TOO_LARGE || e.code() == ErrorCode.BAD_REQUEST) {
                throw new PluginException(ErrorCode.PLUGIN_ERROR, "Variable store: " + e.getMessage());
            }
            throw e;
        }
    }

    /** One access to the values. */
    @FunctionalInterface
    private interface Access {
        byte @Nullable [] run();
    }
}
