package org.circleosd.pluginmanager.api;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Keeps the loaded plugins. All methods are safe to call from any thread and block until they are done.
 *
 * <p>A call on a plugin whose runtime is being replaced waits for it, bounded by the host's configuration, then fails
 * with {@link ErrorCode#UNAVAILABLE}.
 */
@ProviderType
public interface PluginHost {

    /** Returns the loaded plugins, sorted by id; a snapshot. */
    List<PluginInfo> list();

    /**
     * Returns one plugin.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_NOT_FOUND}
     */
    PluginInfo info(PluginId id);

    /**
     * Returns the last lines that the plugin wrote to its log: what it printed, oldest first. Bounded; the lines of a
     * plugin that was replaced go on under the same id.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_NOT_FOUND}
     */
    List<String> log(PluginId id);

    /**
     * Loads a plugin. It is durable when this returns: after a crash it is there again.
     *
     * @throws PluginException one of the load codes of {@link ErrorCode}; nothing is left behind
     */
    PluginInfo load(LoadRequest request);

    /**
     * Loads another file under an id that is loaded. The new plugin is prepared beside the old one, then takes all new
     * calls; the old one's calls end (bounded) and it is closed. No call is refused meanwhile.
     *
     * @param request its {@code as} is ignored
     * @throws PluginException one of the load codes of {@link ErrorCode}, or {@link ErrorCode#PLUGIN_NOT_FOUND}; the old
     *     plugin goes on
     */
    PluginInfo replace(PluginId id, LoadRequest request);

    /**
     * Calls a function of a plugin.
     *
     * @return the result's bytes
     * @throws PluginException {@link ErrorCode#PLUGIN_NOT_FOUND}, {@link ErrorCode#FUNCTION_NOT_FOUND},
     *     {@link ErrorCode#TIMEOUT}, {@link ErrorCode#UNAVAILABLE} or one of the plugin codes
     */
    byte[] invoke(PluginId id, Invocation invocation);

    /**
     * Unloads a plugin: new calls are refused, calls in flight end (bounded). Durable when this returns.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_NOT_FOUND}
     */
    void unload(PluginId id);
}
