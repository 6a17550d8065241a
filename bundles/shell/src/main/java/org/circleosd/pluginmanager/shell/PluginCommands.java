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
import java.util.function.Function;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.LoadRequest;
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
 * The operations of the plugin host as commands. They take their plain arguments as one array, so that a missing or
 * surplus one is answered with a sentence instead of gogo's list of method signatures.
 */
@Component(
        service = PluginCommands.class,
        immediate = true,
        configurationPid = Config.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@GogoCommand(
        scope = "plugin",
        function = {"list", "load", "unload", "invoke", "info"})
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
    public @Nullable List<PluginInfo> list(
            CommandSession session,
            @Descriptor("shows this help")
                    @Parameter(
                            names = {"-h", "--help"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean help,
            @Descriptor("none") String... arguments)
            throws Exception {
        if (help) {
            Command.help(session, "list");
            return null;
        }
        return Command.run("list", () -> {
            new Arguments("plugin:list", arguments).atMost(0);
            return new PluginList(host.call(PluginHost::list));
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
            @Descriptor("shows this help")
                    @Parameter(
                            names = {"-h", "--help"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean help,
            @Descriptor("PATH: the plugin file (.wasm, .so), relative to where you are") String... arguments)
            throws Exception {
        if (help) {
            Command.help(session, "load");
            return null;
        }
        return Command.run("load", () -> {
            Arguments given = new Arguments("plugin:load", arguments).atMost(1);
            LoadRequest request = new LoadRequest(
                    Command.path(session, given.get(0, "PATH")),
                    Optional.of(manifest).filter(text -> !text.isEmpty()).map(text -> Command.path(session, text)),
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
            @Descriptor("shows this help")
                    @Parameter(
                            names = {"-h", "--help"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean help,
            @Descriptor("ID: as plugin:list shows it") String... arguments)
            throws Exception {
        if (help) {
            Command.help(session, "unload");
            return null;
        }
        return Command.run("unload", () -> {
            PluginId id = new PluginId(
                    new Arguments("plugin:unload", arguments).atMost(1).get(0, "ID"));
            return host.call(unloading(id, force));
        });
    }

    /** Calls a function. */
    @Descriptor("calls a function of a plugin: plugin:invoke ID FUNCTION [PAYLOAD] [--file FILE]")
    public @Nullable InvocationResult invoke(
            CommandSession session,
            @Descriptor("takes the payload from this file") @Parameter(names = "--file", absentValue = "") String file,
            @Descriptor("shows this help")
                    @Parameter(
                            names = {"-h", "--help"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean help,
            @Descriptor("ID FUNCTION [PAYLOAD]: the payload is text; several words are joined by blanks")
                    String... arguments)
            throws Exception {
        if (help) {
            Command.help(session, "invoke");
            return null;
        }
        return Command.run("invoke", () -> {
            Arguments given = new Arguments("plugin:invoke", arguments);
            PluginId id = new PluginId(given.get(0, "ID"));
            String function = given.get(1, "FUNCTION");
            byte[] payload =
                    file.isEmpty() ? given.rest(2).getBytes(StandardCharsets.UTF_8) : read(session, given, file);
            return new InvocationResult(
                    host.call(service -> service.invoke(id, new Invocation(function, payload, CALLER))));
        });
    }

    /** Shows everything. */
    @Descriptor("shows all that is known of a plugin, and its last log lines: plugin:info ID")
    public @Nullable PluginDetails info(
            CommandSession session,
            @Descriptor("shows this help")
                    @Parameter(
                            names = {"-h", "--help"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean help,
            @Descriptor("ID: as plugin:list shows it") String... arguments)
            throws Exception {
        if (help) {
            Command.help(session, "info");
            return null;
        }
        return Command.run("info", () -> {
            PluginId id = new PluginId(
                    new Arguments("plugin:info", arguments).atMost(1).get(0, "ID"));
            return host.call(service -> new PluginDetails(service.info(id), service.log(id)));
        });
    }

    private static Function<PluginHost, String> unloading(PluginId id, boolean force) {
        return service -> {
            service.unload(id, force);
            return "unloaded " + id;
        };
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
}
