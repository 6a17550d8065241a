package org.circleosd.pluginmanager.shell;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.annotation.Annotation;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.felix.gogo.runtime.activator.Activator;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.threadio.ThreadIO;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.launch.Framework;

/** A real framework with the real gogo and our components, wired as Declarative Services would. */
final class RunningShell {

    static final int MAX_SESSIONS = 8;

    private static final InputStream IN = System.in;
    private static final PrintStream OUT = System.out;
    private static final PrintStream ERR = System.err;

    final FakeHost host = new FakeHost();
    final Path socket;
    final Path history;
    private final Framework framework;
    private final Activator gogo = new Activator();
    private final Path folder;
    private final PluginCommands commands;
    private AttachServer server;
    private volatile Exception failure;

    RunningShell(Path folder) throws Exception {
        this.folder = folder;
        // A command that ends late sets gogo's streams again after gogo has stopped; the next gogo refuses to start
        // then.
        System.setIn(IN);
        System.setOut(OUT);
        System.setErr(ERR);
        socket = folder.resolve("run").resolve("shell.sock");
        history = folder.resolve("history");
        framework = new org.apache.felix.framework.FrameworkFactory()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        folder.resolve("cache").toString(),
                        "felix.service.urlhandlers",
                        "false",
                        "felix.log.level",
                        "0"));
        framework.start();
        context().addBundleListener((SynchronousBundleListener) this::stopping);
        gogo.start(context());
        commands = new PluginCommands(Duration.ZERO, Duration.ofSeconds(5));
        commands.bindHost(host);
        register("plugin", commands, 0, "list", "info", "load", "unload", "invoke", "events");
        register("plugin", commands, 0, "upgrade", "rollback", "reload", "enable", "disable");
        open();
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    void register(String scope, Object commands, int ranking, String... functions) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(CommandProcessor.COMMAND_SCOPE, scope);
        properties.put(CommandProcessor.COMMAND_FUNCTION, functions);
        properties.put(Constants.SERVICE_RANKING, ranking);
        context().registerService(Object.class, commands, FrameworkUtil.asDictionary(properties));
    }

    /** Starts to listen; done by the constructor too. */
    void open() throws IOException {
        server = new AttachServer(
                context(), new Settings(), service(CommandProcessor.class), service(ThreadIO.class), commands);
    }

    /** Ends listening and the sessions, as when the bundle stops. */
    void shut() throws Exception {
        server.close();
    }

    TestClient attach() throws IOException {
        return new TestClient(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    TestClient commands() throws IOException {
        return attach().hello("mode=command", "dir=" + folder);
    }

    TestClient terminal() throws IOException {
        return attach().hello("mode=terminal", "dir=" + folder, "columns=100", "rows=30", "term=xterm");
    }

    Bundle install(String name, String version) throws BundleException, IOException {
        return context().installBundle("test:" + name + version, new ByteArrayInputStream(jar(name, version)));
    }

    static byte[] jar(String name, String version) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
        manifest.getMainAttributes().putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        manifest.getMainAttributes().putValue(Constants.BUNDLE_SYMBOLICNAME, name);
        manifest.getMainAttributes().putValue(Constants.BUNDLE_VERSION, version);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new JarOutputStream(bytes, manifest).close();
        return bytes.toByteArray();
    }

    /** Stops the framework, and with it the shell and gogo; does nothing if it has stopped. */
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
        if (failure != null) {
            throw failure;
        }
    }

    private void stopping(BundleEvent event) {
        if (event.getBundle() != framework || event.getType() != BundleEvent.STOPPING) {
            return;
        }
        try {
            server.close();
        } catch (Exception e) {
            failure = e;
        }
        gogo.stop(context());
    }

    private <T> T service(Class<T> type) {
        return context().getService(context().getServiceReference(type));
    }

    private final class Settings implements Config {

        @Override
        public String path() {
            return socket.toString();
        }

        @Override
        public String history() {
            return history.toString();
        }

        @Override
        public int max_sessions() {
            return MAX_SESSIONS;
        }

        @Override
        public long wait_ms() {
            return 0;
        }

        @Override
        public long drain_ms() {
            return 2_000;
        }

        @Override
        public Class<? extends Annotation> annotationType() {
            return Config.class;
        }
    }
}
