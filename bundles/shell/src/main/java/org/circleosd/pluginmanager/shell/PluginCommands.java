package org.circleosd.pluginmanager.shell;

import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
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

/**
 * The operations of the plugin host as commands. They take their plain words as one array, so that a missing or surplus
 * one is answered with a sentence instead of gogo's list of method signatures, and {@code --help} is declared only once.
 */
@Component(
        service = PluginCommands.class,
        immediate = true,
        configurationPid = Config.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@GogoCommand(
        scope = "plugin",
        function = {
            "list",
            "info",
            "load",
            "unload",
            "invoke",
            "upgrade",
            "rollback",
            "reload",
            "enable",
            "disable",
            "events"
        })
public final class PluginCommands {

    private static final Caller CALLER = Caller.local("shell");

    private final ServiceGate<PluginHost> host;

    /** Starts without a host; the first command waits for one. */
    @Activate
    public PluginCommands(Config config) {
        this(Duration.ofMillis(config.wait_ms()), Duration.ofMillis(config.drain_ms()));
    }

    PluginCommands(Duration wait, Duration drain) {
        host = new ServiceGate<>("plugin host", wait, drain);
    }

    @Reference(service = PluginHost.class, cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    void bindHost(PluginHost service) {
        host.bind(service);
    }

    void unbindHost(PluginHost service) {
        host.unbind(service);
    }

    /** Lists. */
    @Descriptor("lists the loaded plugins: plugin:list")
    public @Nullable List<PluginInfo> list(CommandSession session, @Descriptor("none") String... words)
            throws Exception {
        return Command.run(session, "list", words, given -> {
            given.atMost(0);
            return new PluginList(host.call(PluginHost::list));
        });
    }

    /** Shows everything. */
    @Descriptor("shows all that is known of a plugin, and its last log lines: plugin:info ID")
    public @Nullable PluginDetails info(
            CommandSession session, @Descriptor("ID: as plugin:list shows it") String... words) throws Exception {
        return Command.run(session, "info", words, given -> {
            PluginId id = given.atMost(1).id();
            return host.call(service -> new PluginDetails(service.info(id), service.log(id)));
        });
    }

    /** Loads. */
    @Descriptor("loads a plugin: plugin:load PATH [--manifest FILE] [--as ID]")
    public @Nullable PluginInfo load(
            CommandSession session,
            @Descriptor("its manifest; default: the .json file beside it, if there is one")
                    @Parameter(names = "--manifest", absentValue = "")
                    String manifest,
            @Descriptor("the id to load it under; default: made of its name")
                    @Parameter(names = "--as", absentValue = "")
                    String as,
            @Descriptor("PATH: the plugin file (.wasm, .so), relative to where you are") String... words)
            throws Exception {
        return Command.run(session, "load", words, given -> {
            LoadRequest request = new LoadRequest(
                    Command.path(session, given.atMost(1).get(0, "PATH")),
                    manifest(session, manifest),
                    Optional.of(as).filter(text -> !text.isEmpty()).map(PluginId::new));
            return host.call(service -> service.load(request));
        });
    }

    /** Unloads. */
    @Descriptor("unloads a plugin: plugin:unload ID [--force]")
    public @Nullable String unload(
            CommandSession session,
            @Descriptor("also if other plugins depend on it")
                    @Parameter(names = "--force", presentValue = "true", absentValue = "false")
                    boolean force,
            @Descriptor("ID: as plugin:list shows it") String... words)
            throws Exception {
        return Command.run(session, "unload", words, given -> {
            PluginId id = given.atMost(1).id();
            return host.call(service -> {
                service.unload(id, force);
                return "unloaded " + id;
            });
        });
    }

    /** Calls a function. */
    @Descriptor("calls a function of a plugin: plugin:invoke ID FUNCTION [PAYLOAD] [--file FILE]")
    public @Nullable InvocationResult invoke(
            CommandSession session,
            @Descriptor("takes the payload from this file") @Parameter(names = "--file", absentValue = "") String file,
            @Descriptor("ID FUNCTION [PAYLOAD]: the payload is text; several words are joined by blanks")
                    String... words)
            throws Exception {
        return Command.run(session, "invoke", words, given -> {
            PluginId id = given.id();
            String function = given.get(1, "FUNCTION");
            byte[] payload =
                    file.isEmpty() ? given.rest(2).getBytes(StandardCharsets.UTF_8) : read(session, given, file);
            return new InvocationResult(
                    host.call(service -> service.invoke(id, new Invocation(function, payload, CALLER))));
        });
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
            @Descriptor("ID PATH: as plugin:list shows it; the plugin file, relative to where you are") String... words)
            throws Exception {
        return Command.run(session, "upgrade", words, given -> {
            PluginId id = given.atMost(2).id();
            LoadRequest content = new LoadRequest(
                    Command.path(session, given.get(1, "PATH")), manifest(session, manifest), Optional.empty());
            return host.call(service -> service.upgrade(id, content, force));
        });
    }

    /** Rolls back. */
    @Descriptor("returns a plugin to the content before its last upgrade: plugin:rollback ID")
    public @Nullable PluginInfo rollback(
            CommandSession session, @Descriptor("ID: as plugin:list shows it") String... words) throws Exception {
        return change(session, "rollback", words, PluginHost::rollback);
    }

    /** Reloads. */
    @Descriptor("opens a plugin anew, with the grants and limits of now: plugin:reload ID")
    public @Nullable PluginInfo reload(
            CommandSession session, @Descriptor("ID: as plugin:list shows it") String... words) throws Exception {
        return change(session, "reload", words, PluginHost::reload);
    }

    /** Enables. */
    @Descriptor("brings a plugin back that is disabled or failed: plugin:enable ID")
    public @Nullable PluginInfo enable(
            CommandSession session, @Descriptor("ID: as plugin:list shows it") String... words) throws Exception {
        return change(session, "enable", words, PluginHost::enable);
    }

    /** Disables. */
    @Descriptor("takes a plugin out of service until it is enabled: plugin:disable ID")
    public @Nullable PluginInfo disable(
            CommandSession session, @Descriptor("ID: as plugin:list shows it") String... words) throws Exception {
        return change(session, "disable", words, PluginHost::disable);
    }

    /** Tells what happened. */
    @Descriptor("shows what happened to plugins and bundles: plugin:events [AFTER]")
    public @Nullable List<PluginEvent> events(
            CommandSession session,
            @Descriptor("AFTER: the number of the last event that you know; default: all that are kept")
                    String... words)
            throws Exception {
        return Command.run(session, "events", words, given -> {
            long after = number(given.atMost(1).rest(0));
            return new EventList(host.call(service -> service.events(after)));
        });
    }

    private @Nullable PluginInfo change(
            CommandSession session, String command, String[] words, BiFunction<PluginHost, PluginId, PluginInfo> change)
            throws Exception {
        return Command.run(session, command, words, given -> {
            PluginId id = given.atMost(1).id();
            return host.call(service -> change.apply(service, id));
        });
    }

    private static Optional<Path> manifest(CommandSession session, String file) {
        return Optional.of(file).filter(text -> !text.isEmpty()).map(text -> Command.path(session, text));
    }

    private static byte[] read(CommandSession session, Arguments given, String file) {
        given.atMost(2);
        Path path = Command.path(session, file);
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new PluginException(ErrorCode.BAD_REQUEST, "--file " + path + " cannot be read: " + e.getMessage());
        }
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
