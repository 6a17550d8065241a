package org.circleosd.pluginmanager.host;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.ManifestParser;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginListener;
import org.circleosd.pluginmanager.api.PluginManifest.ErrorBudget;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.StateStore;
import org.circleosd.pluginmanager.api.TrustPolicy;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The component at the edge: takes the configuration and the neighbours, and hands every operation to
 * {@link Plugins}. It is immediate: it keeps what is loaded while nobody uses it. {@link HostTurn} enables it.
 */
@Component(immediate = true, enabled = false, configurationPid = "org.circleosd.pluginmanager.host")
public final class LivePluginHost implements PluginHost {

    private static final System.Logger LOG = System.getLogger(LivePluginHost.class.getName());

    private final Plugins plugins;

    /** Opens the store of images; the plugins come back when the state store is there. */
    @Activate
    public LivePluginHost(Config config, BundleContext context) throws IOException {
        Duration wait = Duration.ofMillis(config.wait_ms());
        Duration drain = Duration.ofMillis(config.drain_ms());
        ImageStore images = new ImageStore(
                Path.of(config.state_dir()).toAbsolutePath().resolve("store"),
                config.max_plugin_bytes(),
                roots(config.plugin_roots()));
        plugins = new Plugins(
                new Preparation(images, limits(config), context.getBundle().getVersion(), wait, drain),
                wait,
                drain,
                Clock.systemUTC(),
                new Plugins.Settings(
                        config.events_kept(),
                        config.safe_mode(),
                        Duration.ofMillis(config.ready_wait_ms()),
                        new RuntimeFailures.Limit(
                                config.failure_limit(), Duration.ofMillis(config.failure_window_ms()))));
    }

    @Deactivate
    void deactivate() {
        plugins.close();
    }

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    void bindParser(ManifestParser parser) {
        plugins.preparation().parsers.bind(parser);
        plugins.openWaiting();
    }

    void unbindParser(ManifestParser parser) {
        plugins.preparation().parsers.unbind(parser);
    }

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    void bindTrust(TrustPolicy trust) {
        plugins.preparation().trusts.bind(trust);
        plugins.openWaiting();
    }

    void unbindTrust(TrustPolicy trust) {
        plugins.preparation().trusts.unbind(trust);
    }

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    void bindState(StateStore state) {
        plugins.bindState(state);
    }

    void unbindState(StateStore state) {
        plugins.unbindState(state);
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC, policyOption = GREEDY)
    void bindRuntime(PluginRuntime runtime, Map<String, Object> properties) {
        typeOf(properties)
                .ifPresentOrElse(
                        type -> plugins.bindRuntime(type, runtime, ranking(properties)),
                        () -> LOG.log(
                                System.Logger.Level.WARNING,
                                "runtime {0} is not used: its service property {1} is {2}; expected wasm or native",
                                runtime.getClass().getName(),
                                PluginRuntime.PLUGIN_TYPE,
                                properties.get(PluginRuntime.PLUGIN_TYPE)));
    }

    void unbindRuntime(PluginRuntime runtime, Map<String, Object> properties) {
        typeOf(properties).ifPresent(type -> plugins.unbindRuntime(type, runtime));
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC, policyOption = GREEDY)
    void bindListener(PluginListener listener) {
        plugins.events().add(listener);
    }

    void unbindListener(PluginListener listener) {
        plugins.events().remove(listener);
    }

    @Override
    public List<PluginInfo> list() {
        return plugins.set().list();
    }

    @Override
    public PluginInfo info(PluginId id) {
        return plugins.set().get(id).status().info();
    }

    @Override
    public List<String> log(PluginId id) {
        return plugins.set().get(id).log.lines();
    }

    @Override
    public PluginInfo load(LoadRequest request) {
        return plugins.load(request);
    }

    @Override
    public PluginInfo upgrade(PluginId id, LoadRequest request, boolean force) {
        return plugins.change(id, slot -> plugins.upgrades().upgrade(slot, request, force));
    }

    @Override
    public PluginInfo rollback(PluginId id) {
        return plugins.change(id, plugins.upgrades()::rollback);
    }

    @Override
    public PluginInfo reload(PluginId id) {
        return plugins.change(id, plugins.switches()::reload);
    }

    @Override
    public PluginInfo enable(PluginId id) {
        return plugins.change(id, plugins.switches()::enable);
    }

    @Override
    public PluginInfo disable(PluginId id) {
        return plugins.change(id, plugins.switches()::disable);
    }

    @Override
    public byte[] invoke(PluginId id, Invocation invocation) {
        return plugins.set().get(id).invoke(invocation);
    }

    @Override
    public void unload(PluginId id, boolean force) {
        plugins.unload(id, force);
    }

    @Override
    public List<PluginEvent> events(long after) {
        plugins.set().awaitRestored();
        return plugins.events().after(after);
    }

    @Override
    public void bundleChanged(String bundle, PluginEvent.Kind kind, String reason) {
        if (kind != PluginEvent.Kind.UPGRADED && kind != PluginEvent.Kind.ROLLED_BACK) {
            throw new IllegalArgumentException("a bundle is upgraded or rolled back, and not " + kind.wireName());
        }
        plugins.set().awaitRestored();
        plugins.events().happened(bundle, kind, LogRing.clean(reason));
    }

    private static Optional<PluginType> typeOf(Map<String, Object> properties) {
        return PluginType.ofWireName(String.valueOf(properties.get(PluginRuntime.PLUGIN_TYPE)));
    }

    private static int ranking(Map<String, Object> properties) {
        return properties.get(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0;
    }

    static List<Path> roots(String configured) {
        return Arrays.stream(configured.split(","))
                .map(String::strip)
                .filter(root -> !root.isEmpty())
                .map(root -> Path.of(root).toAbsolutePath().normalize())
                .toList();
    }

    private static LimitPolicy limits(Config config) {
        InvocationLimits defaults = new InvocationLimits(
                Duration.ofMillis(config.default_timeout_ms()),
                config.default_memory_bytes(),
                config.default_output_bytes(),
                config.default_concurrency() > 0
                        ? config.default_concurrency()
                        : 2 * Runtime.getRuntime().availableProcessors(),
                config.default_queue());
        InvocationLimits caps = new InvocationLimits(
                Duration.ofMillis(config.max_timeout_ms()),
                config.max_memory_bytes(),
                config.max_output_bytes(),
                config.max_concurrency(),
                config.max_queue());
        Optional<ErrorBudget> budget = config.error_budget_errors() < 0
                ? Optional.empty()
                : Optional.of(new ErrorBudget(
                        config.error_budget_errors(),
                        config.error_budget_calls(),
                        Duration.ofMillis(config.error_budget_ms())));
        return new LimitPolicy(defaults, caps, config.kv_bytes(), budget);
    }
}
