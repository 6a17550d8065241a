package org.circleosd.pluginmanager.api.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.api.EngineStatus;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.osgi.annotation.versioning.ConsumerType;

/** A plugin that takes calls. Thread-safe: calls may come at once from several threads. */
@ConsumerType
public interface LoadedPlugin extends AutoCloseable {

    /** Returns how the plugin is called, as {@code bytes}, {@code wasi-command}, {@code raw} or {@code native-1}. */
    String abi();

    /** Returns the names that can be invoked, sorted. */
    List<String> functions();

    /** Returns the layers around the plugin that are really active, as {@code in-process}; sorted by strength. */
    List<String> isolation();

    /** Returns the layers that should be around the plugin and are not, each with the reason, as {@code uid: not root}. */
    default List<String> unenforced() {
        return List.of();
    }

    /** Returns what else there is to know of the plugin's file and process, for people; in the order to show it. */
    default Map<String, String> details() {
        return Map.of();
    }

    /** Returns how far the engine is with the plugin's code; empty if no engine runs it. */
    default Optional<EngineStatus> engine() {
        return Optional.empty();
    }

    /** Returns why the plugin will never take a call; empty if it does, or may yet. */
    default Optional<String> failure() {
        return Optional.empty();
    }

    /**
     * Waits until the plugin can take calls: what its runtime goes on with in the background after it was opened is done.
     * Until then, calls wait.
     *
     * @return false if it is not ready within this time; if it fails later, its runtime reports that to its
     *     {@link PluginContext}
     * @throws PluginException why it will never take a call; {@link ErrorCode#CANCELLED} if the thread is interrupted
     */
    default boolean awaitReady(Duration time) {
        return true;
    }

    /**
     * Returns how many calls can really run at once; the host lets no more in, the others wait outside. The limit is
     * {@link InvocationLimits#maxConcurrency}, if that is lower.
     */
    default int maxConcurrency() {
        return Integer.MAX_VALUE;
    }

    /**
     * Calls a function.
     *
     * @return the result's bytes; at most {@link InvocationLimits#outputBytes}
     * @throws PluginException {@link ErrorCode#FUNCTION_NOT_FOUND}, {@link ErrorCode#TIMEOUT},
     *     {@link ErrorCode#PLUGIN_TRAP}, {@link ErrorCode#PLUGIN_ERROR}, {@link ErrorCode#PLUGIN_CRASHED},
     *     {@link ErrorCode#PLUGIN_FAILED},
     *     {@link ErrorCode#OUT_OF_MEMORY}, {@link ErrorCode#TOO_LARGE} for a result above its limit,
     *     {@link ErrorCode#CAPABILITY_DENIED} if it asks for what was not granted, or {@link ErrorCode#BAD_REQUEST} if the payload is not what the function takes
     */
    byte[] invoke(Invocation invocation);

    /** Frees what the plugin holds. The host calls it once, when no call is in flight any more or their time is up. */
    @Override
    void close();
}
