package org.circleosd.pluginmanager.api.runtime;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The values that a plugin keeps; they survive crashes and restarts and go when the plugin is unloaded. A runtime lets
 * only plugins with the grant {@code kv} use them. Thread-safe.
 */
@ProviderType
public interface KeyValues {

    /**
     * Returns a value; null if there is none.
     *
     * @param key 1 to 255 bytes of UTF-8, without control characters
     * @throws PluginException {@link ErrorCode#BAD_REQUEST} for a key that is none, {@link ErrorCode#PLUGIN_NOT_FOUND}
     *     once the plugin is unloaded, or a code of the state store
     */
    byte @Nullable [] get(String key);

    /**
     * Keeps a value; durable when this returns. What a plugin puts while it is being loaded is durable with the load: a
     * load or a replacement that fails changes nothing.
     *
     * @param key as for {@link #get}
     * @param value null deletes
     * @throws PluginException {@link ErrorCode#BAD_REQUEST} for a key that is none, {@link ErrorCode#TOO_LARGE} if the
     *     plugin would keep more than its quota, {@link ErrorCode#PLUGIN_NOT_FOUND} once it is unloaded, or a code of
     *     the state store; nothing was changed
     */
    void put(String key, byte @Nullable [] value);
}
