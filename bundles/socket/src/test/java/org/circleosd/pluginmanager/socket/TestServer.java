package org.circleosd.pluginmanager.socket;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.action.RequestHandler;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.condition.Condition;

/** The component without a framework: its configuration, and what it registers. */
final class TestServer implements AutoCloseable {

    /** Properties of the registered conditions by their id. */
    final Map<String, Map<String, Object>> conditions = new ConcurrentHashMap<>();

    final Path path;
    final SocketServer server;
    private boolean stopped;

    private TestServer(Path path, Map<String, Object> changes) {
        this.path = path;
        this.server = new SocketServer(context(), config(path, changes));
    }

    /** Starts with the defaults but for these keys and values. */
    static TestServer start(Path path, Object... keysAndValues) {
        Map<String, Object> changes = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            changes.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return new TestServer(path, changes);
    }

    /** Starts and binds a handler. */
    static TestServer start(Path path, RequestHandler handler, Object... keysAndValues) {
        TestServer started = start(path, keysAndValues);
        started.server.bindHandler(handler);
        return started;
    }

    Client connect() throws java.io.IOException {
        return new Client(path);
    }

    String failure() {
        Map<String, Object> failed = conditions.getOrDefault(SocketServer.FAILED, Map.of());
        return String.valueOf(failed.get("reason"));
    }

    void stop() {
        if (!stopped) {
            stopped = true;
            server.stop();
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** Answers each line with itself. */
    static final class Echo implements RequestHandler {

        @Override
        public void handle(byte[] line, Caller caller, Replies replies) {
            replies.send((new String(line, StandardCharsets.UTF_8) + "\n").getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public byte[] tooLarge(int limitBytes) {
            return ("too large " + limitBytes + "\n").getBytes(StandardCharsets.UTF_8);
        }
    }

    private static SocketServer.Config config(Path path, Map<String, Object> changes) {
        return (SocketServer.Config) Proxy.newProxyInstance(
                TestServer.class.getClassLoader(),
                new Class<?>[] {SocketServer.Config.class},
                (proxy, method, args) -> method.getName().equals("path")
                        ? path.toString()
                        : changes.getOrDefault(method.getName(), method.getDefaultValue()));
    }

    private BundleContext context() {
        return (BundleContext) Proxy.newProxyInstance(
                TestServer.class.getClassLoader(), new Class<?>[] {BundleContext.class}, (proxy, method, args) -> {
                    if (method.getName().equals("getBundle")) {
                        return null; // there is no framework, and so no next server
                    }
                    if (!method.getName().equals("registerService")) {
                        throw new UnsupportedOperationException(method.toString());
                    }
                    Map<String, Object> properties = new HashMap<>();
                    Dictionary<?, ?> given = (Dictionary<?, ?>) args[2];
                    given.keys().asIterator().forEachRemaining(key -> properties.put((String) key, given.get(key)));
                    String id = (String) properties.get(Condition.CONDITION_ID);
                    conditions.put(id, properties);
                    return registration(id);
                });
    }

    private ServiceRegistration<?> registration(String id) {
        return (ServiceRegistration<?>) Proxy.newProxyInstance(
                TestServer.class.getClassLoader(),
                new Class<?>[] {ServiceRegistration.class},
                (proxy, method, args) -> conditions.remove(id));
    }
}
