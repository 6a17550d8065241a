package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;

/** The runtimes that are there, by type. */
final class Runtimes {

    /** A plugin that a runtime opened, with the runtime. */
    record Opened(PluginRuntime runtime, int ranking, LoadedPlugin plugin) {}

    private static final System.Logger LOG = System.getLogger(Runtimes.class.getName());

    private final Map<PluginType, ServiceGate<PluginRuntime>> gates = new EnumMap<>(PluginType.class);
    private final Map<PluginRuntime, Integer> rankings = new ConcurrentHashMap<>();

    private final Duration readyWait;

    /**
     * Makes it without any runtime.
     *
     * @param readyWait how long {@link #open} waits until a plugin is ready for its first call
     */
    Runtimes(Duration wait, Duration drain, Duration readyWait) {
        this.readyWait = readyWait;
        for (PluginType type : PluginType.values()) {
            gates.put(type, new ServiceGate<>("runtime of " + type.wireName() + " plugins", wait, drain));
        }
    }

    void bind(PluginType type, PluginRuntime runtime, int ranking) {
        rankings.put(runtime, ranking);
        gate(type).bind(runtime, ranking);
    }

    /** Blocks, bounded, until nothing is being opened on this runtime. */
    void unbind(PluginType type, PluginRuntime runtime) {
        rankings.remove(runtime);
        gate(type).unbind(runtime);
    }

    boolean has(PluginType type) {
        return gate(type).isBound();
    }

    /** Says whether a runtime is there; false from the beginning of its {@link #unbind} on. */
    boolean isBound(PluginRuntime runtime) {
        return rankings.containsKey(runtime);
    }

    /**
     * Opens a plugin on the best runtime of its type, waits a while until it is ready, and hands it over before the
     * runtime can leave: whoever unbinds the runtime afterwards finds the plugin where the receiver put it.
     *
     * @throws PluginException as {@link PluginRuntime#load}, or why it will never take a call; nothing is left behind
     */
    <R> R open(PluginContent content, PluginContext context, Function<Opened, R> receiver) {
        return open(content, context, readyWait, receiver);
    }

    /** Does the same for a plugin that is missed already: its calls may as well wait inside as outside. */
    <R> R openAtOnce(PluginContent content, PluginContext context, Function<Opened, R> receiver) {
        return open(content, context, Duration.ZERO, receiver);
    }

    private <R> R open(PluginContent content, PluginContext context, Duration patience, Function<Opened, R> receiver) {
        return gate(content.manifest().type()).call(runtime -> {
            LoadedPlugin plugin =
                    runtime.load(content.image(), content.manifest(), content.grants(), content.limits(), context);
            boolean hasFailed = true;
            try {
                if (!plugin.awaitReady(patience) && !patience.isZero()) {
                    LOG.log(
                            System.Logger.Level.INFO,
                            "plugin {0} takes calls; they wait until it is ready, which takes longer than {1} ms",
                            context.id(),
                            patience.toMillis());
                }
                hasFailed = false;
            } finally {
                if (hasFailed) {
                    plugin.close();
                }
            }
            return receiver.apply(new Opened(runtime, rankings.getOrDefault(runtime, Integer.MIN_VALUE), plugin));
        });
    }

    private ServiceGate<PluginRuntime> gate(PluginType type) {
        return Objects.requireNonNull(gates.get(type));
    }
}
