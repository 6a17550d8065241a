package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A daemon with a hostile plugin in it, those that it must not hurt, and what it shall attack. */
final class HostileScene {

    /** Of the manifests whose plugins do not return, and of a plugin's end. */
    static final String DEADLINE_MILLIS = "1000";

    static final long MOST_LOG_BYTES = 32L << 20;

    /** The canary's, the hostile plugin's, and a spare one. */
    private static final int WORKERS = 3;

    private static final Set<String> STAYING = Set.of("hello", "canary", "hostile");

    private final Daemon daemon;
    private final NativePlugins plugins;
    private final Bystanders bystanders;
    private final ServerSocket listener;
    private final Map<String, String> targets;

    private HostileScene(
            Daemon daemon,
            NativePlugins plugins,
            Bystanders bystanders,
            ServerSocket listener,
            Map<String, String> targets) {
        this.daemon = daemon;
        this.plugins = plugins;
        this.bystanders = bystanders;
        this.listener = listener;
        this.targets = targets;
    }

    static HostileScene start(NativeSetting setting, Path dir, HostilePlugin plugin, Path manifest) throws IOException {
        Daemon daemon = setting.start(
                dir.resolve(setting.toString()),
                Map.of("crash.limit", "1000000", "restart.ms", "1", "shutdown.ms", DEADLINE_MILLIS));
        NativePlugins plugins = NativePlugins.of(daemon);
        Bystanders bystanders = Bystanders.in(daemon, plugin.build("canary", "-g"), manifest);
        plugins.load(plugin.library(), manifest, "hostile");
        ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Map<String, String> targets = targets(daemon, dir, plugin.library());
        targets.put("worker", String.valueOf(bystanders.worker()));
        targets.put("port", String.valueOf(listener.getLocalPort()));
        targets.put("home", plugins.answer("canary", "folder", ""));
        Workers.await(daemon, WORKERS);
        bystanders.settle();
        return new HostileScene(daemon, plugins, bystanders, listener, targets);
    }

    static Path manifest(Path dir, String name, String timeout) throws IOException {
        return Files.writeString(
                dir.resolve(name + ".json"),
                "{\"name\":\"" + name + "\",\"plugin_type\":\"native\",\"limits\":{\"timeout_ms\":" + timeout + "}}");
    }

    NativePlugins plugins() {
        return plugins;
    }

    Home home() {
        return daemon.home();
    }

    /** What stands for a name in braces. */
    Map<String, String> targets() {
        return targets;
    }

    /** Unloads what a test loaded, and looks at all others. */
    void assertUnhurt() throws IOException {
        for (String id : plugins.ids()) {
            if (!STAYING.contains(id)) {
                plugins.unload(id);
            }
        }
        bystanders.assertUnhurt();
        plugins.pid("hostile");
        Workers.await(daemon, WORKERS);
    }

    void close() throws IOException {
        try {
            bystanders.assertNothingIsLeft();
            assertThat(Files.size(home().log())).isLessThan(MOST_LOG_BYTES);
            System.out.println(bystanders.summary());
            bystanders.close();
        } finally {
            listener.close();
            plugins.close();
        }
    }

    private static Map<String, String> targets(Daemon daemon, Path dir, Path library) throws IOException {
        Home home = daemon.home();
        Path shared = Files.createDirectories(dir.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
        Map<String, String> all = new HashMap<>();
        all.put("manager", String.valueOf(daemon.pid()));
        all.put("socket", home.socket().toString());
        all.put("state", home.state().toString());
        all.put("plugins", home.plugins().toString());
        all.put("configs", home.config().toString());
        all.put("tmp", shared.toString());
        all.put("config", find(home.config(), "org.circleosd.pluginmanager.nativeloader.cfg", new byte[0]));
        all.put("bundle", find(home.bundles(), ".jar", new byte[0]));
        all.put("record", home.state().resolve("journal.1").toString());
        all.put("image", find(home.state().resolve("store"), "", Files.readAllBytes(library)));
        all.put("program", find(home.state().resolve("run/worker"), "", new byte[0]));
        return all;
    }

    /** The first file below a folder with this end of its name, and this content if there is any. */
    private static String find(Path folder, String end, byte[] content) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                if (Files.isRegularFile(file)
                        && file.toString().endsWith(end)
                        && (content.length == 0 || Arrays.equals(Files.readAllBytes(file), content))) {
                    return file.toString();
                }
            }
        }
        throw new AssertionError("there is no file *" + end + " of " + content.length + " bytes below " + folder);
    }
}
