package org.circleosd.pluginmanager.shell;

import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** What changes a loaded plugin, and what happened, as commands; made as {@link PluginCommands} are. */
@Component(
        service = LifecycleCommands.class,
        immediate = true,
        configurationPid = Config.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@GogoCommand(
        scope = "plugin",
        function = {"upgrade", "rollback", "reload", "enable", "disable", "events"})
public final class LifecycleCommands {

    private final ServiceGate<PluginHost> host;

    /** Starts without a host; the first command waits for one. */
    @Activate
    public LifecycleCommands(Config config) {
        this(Duration.ofMillis(config.wait_ms()), Duration.ofMillis(config.drain_ms()));
    }

    LifecycleCommands(Duration wait, Duration drain) {
        host = new ServiceGate<>("plugin host", wait, drain);
    }

    @Reference(service = PluginHost.class, cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    void bindHost(PluginHost service) {
        host.bind(service);
    }

    void unbindHost(PluginHost service) {
        host.unbind(service);
    }

    /** Upgrades. */
    @Descriptor("puts another file under the id of a loaded plugin: plugin:upgrade ID PATH [--manifest FILE] [--force]")
    public @Nullable PluginInfo upgrade(
            CommandSession session,
            @Descriptor("its manifest; default: the .json file beside it, if there is one")
                    @Parameter(names = "--manifest", absentValue = "")
                    String manifest,
            @Descriptor("also if a plugin that depends on it asks for another version")
                    @Parameter(names = "--force", presentValue = "true", absentValue = "false")
                    boolean force,
            @Descriptor("shows this help")
                    @Parameter(
                            names = {"-h", "--help"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean help,
            @Descriptor("ID PATH: as plugin:list shows it; the plugin file, relative to where you are")
                    String... arguments)
            throws Exception {
        if (help) {
            Command.help(session, "upgrade");
            return null;
        }
        return Command.run("upgrade", () -> {
            Arguments given = new Arguments("plugin:upgrade", arguments).atMost(2);
            PluginId id = new PluginId(given.get(0, "ID"));
            LoadRequest content = new LoadRequest(
                    Command.path(session, given.get(1, "PATH")),
                    Optional.of(manifest).filter(text -> !text.isEmpty()).map(text -> Command.path(session, text)),
                    Optional.empty());
            return host.call(service -> service.upgrade(id, content, force));
        });
    }

    /** Rolls back. */
    @Descriptor("returns a plugin to the content before its last upgrade: plugin:rollback ID")
    public @Nullable PluginInfo rollback(
            CommandSession session,
            @Descriptor("shows this help")
                    @Parameter(
                            names = {"-h", "--help"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean help,
            @Descriptor("ID: as plugin:list shows it") String... arguments)
            throws Exception {
        return change(session, help, "rollback", arguments, PluginHost::rollback);
    }

    /** Reloads. */
    @Descriptor("opens a plugin anew, with the grants and limits of now: plugin:reload ID")
    public @Nullable PluginInfo reload(
            CommandSession session,
            @Descriptor("shows this help")
                    @Parameter(
                            names = {"-h", "--help"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean help,
            @Descriptor("ID: as plugin:list shows it") String... arguments)
            throws Exception {
        return change(session, help, "reload", arguments, PluginHost::reload);
    }

    /** Enables. */
    @Descriptor("brings a plugin back that is disabled or failed: plugin:enable ID")
    public @Nullable PluginInfo enable(
            CommandSession session,
            @Descriptor("shows this help")
                    @Parameter(
                            names = {"-h", "--help"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean help,
            @Descriptor("ID: as plugin:list shows it") String... arguments)
            throws Exception {
        return change(session, help, "enable", arguments, PluginHost::enable);
    }

    /** Disables. */
    @Descriptor("takes a plugin out of service until it is enabled: plugin:disable ID")
    public @Nullable PluginInfo disable(
            CommandSession session,
            @Descriptor("shows this help")
                    @Parameter(
                            names = {"-h", "--help"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean help,
            @Descriptor("ID: as plugin:list shows it") String... arguments)
            throws Exception {
        return change(session, help, "disable", arguments, PluginHost::disable);
    }

    /** Tells what happened. */
    @Descriptor("shows what happened to plugins and bundles: plugin:events [AFTER]")
    public @Nullable List<PluginEvent> events(
            CommandSession session,
            @Descriptor("shows this help")
                    @Parameter(
                            names = {"-h", "--help"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean help,
            @Descriptor("AFTER: the number of the last event that you know; default: all that are kept")
                    String... arguments)
            throws Exception {
        if (help) {
            Command.help(session, "events");
            return null;
        }
        return Command.run("events", () -> {
            String after = new Arguments("plugin:events", arguments).atMost(1).rest(0);
            return new EventList(host.call(service -> service.events(number(after))));
        });
    }

    private @Nullable PluginInfo change(
            CommandSession session,
            boolean help,
            String command,
            String[] arguments,
            BiFunction<PluginHost, PluginId, PluginInfo> change)
            throws Exception {
        if (help) {
            Command.help(session, command);
            return null;
        }
        return Command.run(command, () -> {
            PluginId id = new PluginId(
                    new Arguments("plugin:" + command, arguments).atMost(1).get(0, "ID"));
            return host.call(service -> change.apply(service, id));
        });
    }

    private static long number(String text) {
        if (text.length() > 16 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new PluginException(
                    ErrorCode.BAD_REQUEST,
                    "AFTER is '" + text + "'; expected the number of an event; see: plugin:events --help");
        }
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }
}
