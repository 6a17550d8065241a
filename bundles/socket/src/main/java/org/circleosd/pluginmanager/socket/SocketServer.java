package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.action.RequestHandler;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.condition.Condition;

/**
 * Serves request lines on a Unix domain socket. Connections stay when the request handler is replaced; their requests
 * wait for the new one, bounded. When this bundle itself is replaced, what was sent is answered, the connections close,
 * and whoever connects meanwhile waits for the next server. {@link SocketTurn} enables it.
 *
 * <p>Tells the launcher how the start went by a {@link Condition} service, either {@link #LISTENING} or {@link #FAILED}.
 */
@Component(
        service = {},
        immediate = true,
        enabled = false,
        configurationPid = "org.circleosd.pluginmanager.socket",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class SocketServer {

    /** Condition id: the socket takes connections and a request handler answers; property {@code path}. */
    static final String LISTENING = "org.circleosd.pluginmanager.listening";
    /** Condition id: there is no socket; property {@code reason}: one line. */
    static final String FAILED = "org.circleosd.pluginmanager.failed";

    private static final System.Logger LOG = System.getLogger(SocketServer.class.getName());

    /** How long clients that connect wait for the next server, if this one was stopped and the daemon goes on. */
    private static final Duration SUCCESSOR_WAIT = Duration.ofSeconds(10);

    /** Settings of the socket. */
    @interface Config {
        /** Where to listen: a path of at most 103 bytes. */
        String path() default "/tmp/plugin-manager.sock";

        /** Permissions of the socket's file: three octal digits; who may write it may connect. */
        String mode() default "0600";

        /** Name of the socket file's group; empty: the daemon's. */
        String group() default "";

        /** Numeric user ids that may connect beside root and the daemon's own, with commas; *: all. */
        String allowed_uids() default "";

        /** Connections that may wait to be accepted; 1 to 65535, and the system's own limit. */
        int backlog() default 1024;

        /** Connections at once; 1 to 1000000. More get the reply {@code busy} and are closed. */
        int max_connections() default 16_384;

        /** Longest request line, in bytes without its line end; 64 to 256 MiB. */
        int max_request_bytes() default 1 << 20;

        /** Waiting request lines of one connection above which it is not read, in bytes; 1 to 256 MiB. */
        int max_queued_bytes() default 1 << 20;

        /** Unsent replies of one connection above which its requests wait, in bytes; 1 to 256 MiB. */
        int max_unsent_bytes() default 4 << 20;

        /** A connection above max_unsent_bytes for this long is closed, in milliseconds; positive. */
        int unsent_timeout_ms() default 30_000;

        /** Lines and replies that all connections together may hold, in bytes; 1 KiB to 2 GiB - 1. */
        int max_buffered_bytes() default 64 << 20;

        /** Requests that are handled at once; 1 to 10000. Threads come on demand and end when idle. */
        int threads() default 512;

        /** A silent connection costs next to nothing after this time, in milliseconds; positive. */
        int park_after_ms() default 5_000;

        /** How long a request waits for a request handler that is being replaced, in milliseconds. */
        int handler_wait_ms() default 5_000;

        /** How long a leaving request handler may take for the requests it has, in milliseconds. */
        int handler_drain_ms() default 10_000;

        /** How long requests may go on when the socket closes, in milliseconds. */
        int stop_ms() default 5_000;
    }

    private final BundleContext context;
    private final ServiceGate<RequestHandler> gate;
    private final Duration stopWait;
    private final WorkerPool pool;
    private final @Nullable ListeningSocket socket;
    private final @Nullable SelectorLoop loop;
    private final String path;
    /** What the launcher is told; guarded by this, as whether anything more is told. */
    private @Nullable ServiceRegistration<Condition> condition;

    private boolean stopped;

    @Activate
    public SocketServer(BundleContext context, Config config) {
        this.context = context;
        this.gate = new ServiceGate<>(
                "protocol", Duration.ofMillis(config.handler_wait_ms()), Duration.ofMillis(config.handler_drain_ms()));
        this.stopWait = Duration.ofMillis(config.stop_ms());
        this.pool = new WorkerPool(
                Math.max(1, config.threads()),
                Math.max(2, Runtime.getRuntime().availableProcessors()),
                new NamedThreads("socket-worker", NamedThreads.GUEST_STACK));
        this.path = config.path();
        this.socket = listen(config);
        this.loop = socket == null ? null : serve(config, socket);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindHandler(RequestHandler handler) {
        gate.bind(handler);
        if (loop != null) {
            tell(LISTENING, "path", path);
        }
    }

    void unbindHandler(RequestHandler handler) {
        gate.unbind(handler);
    }

    @Deactivate
    void stop() {
        synchronized (this) {
            stopped = true;
            if (condition != null) {
                condition.unregister();
                condition = null;
            }
        }
        SelectorLoop running = loop;
        if (running != null && socket != null) {
            Handover handover = handover();
            try {
                running.stop(handover.isPossible(), stopWait);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (handover.isPossible()) {
                handover.leave(socket.leave());
                LOG.log(System.Logger.Level.INFO, "leaving {0} to the next server", path);
            } else {
                LOG.log(System.Logger.Level.INFO, "no longer listening on {0}", path);
            }
        }
        pool.stop();
    }

    private Handover handover() {
        return Handover.in(context, SUCCESSOR_WAIT);
    }

    /** Returns how many connections are put aside because their clients are silent. */
    int parkedConnections() {
        return loop == null ? 0 : loop.parkedCount();
    }

    private @Nullable ListeningSocket listen(Config config) {
        try {
            Settings.of(config); // before anything is there to be closed
            ListeningSocket opened = ListeningSocket.open(
                    config.path(),
                    SocketMode.parse(config.mode()),
                    config.group(),
                    config.backlog(),
                    handover().take());
            LOG.log(System.Logger.Level.INFO, "listening on {0}", opened.file());
            return opened;
        } catch (CannotListenException e) {
            failed(e.getMessage());
            return null;
        }
    }

    private @Nullable SelectorLoop serve(Config config, ListeningSocket opened) {
        SelectorLoop started = null;
        try {
            Settings settings = Settings.of(config);
            PeerPolicy policy = new PeerPolicy(opened.ownUid(), config.allowed_uids());
            Requests requests = new Requests(gate, settings.maxRequestBytes());
            SelectorLoop made = new SelectorLoop(settings, opened, policy, requests, pool);
            made.start();
            started = made;
        } catch (CannotListenException e) {
            failed(e.getMessage());
        } catch (IOException e) {
            failed("cannot listen on " + config.path() + ": " + e);
        } finally {
            if (started == null) {
                opened.close();
            }
        }
        return started;
    }

    private void failed(@Nullable String reason) {
        LOG.log(System.Logger.Level.ERROR, "not listening: {0}", reason);
        tell(FAILED, "reason", String.valueOf(reason));
    }

    private synchronized void tell(String id, String property, String value) {
        if (condition == null && !stopped) {
            Map<String, String> properties = Map.of(Condition.CONDITION_ID, id, property, value);
            condition = context.registerService(
                    Condition.class, Condition.INSTANCE, FrameworkUtil.asDictionary(properties));
        }
    }
}
