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
     * plugin that was upgraded go on under the same id.
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
     * Puts other content under an id that is loaded, if every plugin that depends on it can work with that.
     *
     * @throws PluginException as for {@link #upgrade(PluginId, LoadRequest, boolean)}
     */
    default PluginInfo upgrade(PluginId id, LoadRequest request) {
        return upgrade(id, request, false);
    }

    /**
     * Puts other content under an id that is loaded. It is prepared beside the old one (copied, verified, compiled, its
     * selftest run), then takes all new calls; the old one's calls end (bounded) and it is closed, but kept for
     * {@link #rollback}. No call is refused meanwhile. The plugin's values stay. Durable when this returns.
     *
     * <p>A plugin that failed takes calls again with the new content; one that is disabled stays disabled.
     *
     * @param request its {@code as} is ignored
     * @param force also if a plugin that depends on it asks for another version
     * @throws PluginException one of the load codes of {@link ErrorCode}, {@link ErrorCode#PLUGIN_NOT_FOUND},
     *     {@link ErrorCode#IN_USE} if a plugin that depends on it asks for another version, or {@link ErrorCode#BUSY} while
     *     somebody else changes the plugin; nothing was changed
     */
    PluginInfo upgrade(PluginId id, LoadRequest request, boolean force);

    /**
     * Returns to the content before the last upgrade, in the same way. What is replaced becomes the previous
     * content: a second rollback takes the first one back. The plugin's values stay as they are. Durable when this
     * returns.
     *
     * @throws PluginException as for {@link #upgrade(PluginId, LoadRequest, boolean)}, or {@link ErrorCode#BAD_REQUEST} if the plugin was never upgraded;
     *     nothing was changed
     */
    PluginInfo rollback(PluginId id);

    /**
     * Opens the same content once more, with the grants and limits of now, beside the one that runs, and switches to it.
     * A plugin that failed takes calls again.
     *
     * @throws PluginException as for {@link #upgrade(PluginId, LoadRequest, boolean)}, or {@link ErrorCode#PLUGIN_FAILED} if it is disabled; nothing was
     *     changed
     */
    PluginInfo reload(PluginId id);

    /**
     * Brings a plugin back that is disabled or failed; any other is left as it is. Durable when this returns.
     *
     * @throws PluginException as for {@link #upgrade(PluginId, LoadRequest, boolean)}; nothing was changed
     */
    PluginInfo enable(PluginId id);

    /**
     * Takes a plugin out of service: new calls are refused with {@link ErrorCode#PLUGIN_FAILED}, calls in flight end
     * (bounded) and it is closed. It is kept and stays disabled over a restart, until {@link #enable}. Durable when this
     * returns.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_NOT_FOUND}, {@link ErrorCode#BUSY} while somebody else changes the
     *     plugin, or a code of the state store; nothing was changed
     */
    PluginInfo disable(PluginId id);

    /**
     * Calls a function of a plugin.
     *
     * @return the result's bytes
     * @throws PluginException {@link ErrorCode#PLUGIN_NOT_FOUND}, {@link ErrorCode#FUNCTION_NOT_FOUND},
     *     {@link ErrorCode#TIMEOUT}, {@link ErrorCode#UNAVAILABLE} or one of the plugin codes
     */
    byte[] invoke(PluginId id, Invocation invocation);

    /**
     * Unloads a plugin that no other needs.
     *
     * @throws PluginException as for {@link #unload(PluginId, boolean)}
     */
    default void unload(PluginId id) {
        unload(id, false);
    }

    /**
     * Unloads a plugin: new calls are refused, calls in flight end (bounded). Durable when this returns.
     *
     * @param force also if other plugins depend on it
     * @throws PluginException {@link ErrorCode#PLUGIN_NOT_FOUND}, or {@link ErrorCode#IN_USE} if other plugins depend on it
     */
    void unload(PluginId id, boolean force);

    /**
     * Returns what happened, oldest first: the events with a larger sequence that are still kept. Older ones go when
     * there are too many.
     *
     * @param after sequence of the last event that is known; 0: all that are kept
     */
    List<PluginEvent> events(long after);

    /**
     * Makes an event of a change of a bundle.
     *
     * @param bundle its symbolic name
     * @param kind {@link PluginEvent.Kind#UPGRADED} or {@link PluginEvent.Kind#ROLLED_BACK}
     * @param reason for people; may be empty
     * @throws IllegalArgumentException for any other kind
     */
    void bundleChanged(String bundle, PluginEvent.Kind kind, String reason);
}
