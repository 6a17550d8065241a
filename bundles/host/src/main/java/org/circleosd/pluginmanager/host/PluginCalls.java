package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.jspecify.annotations.Nullable;

/**
 * Calls of plugins by plugins. The called one runs on a thread of its own: with a whole stack, whatever the caller left of
 * its own, so that no plugin can make another one fail.
 *
 * <p>Nobody waits in a circle: plugins call only those that they depend on, and dependencies have no circles. A caller
 * that is interrupted, for its time is up or its own caller gave up, cancels the call.
 */
final class PluginCalls {

    /** Most calls within each other, beside the one of the client. */
    static final int MAX_DEPTH = 8;

    private static final System.Logger LOG = System.getLogger(PluginCalls.class.getName());
    private static final Duration IDLE = Duration.ofSeconds(10);

    private final Function<PluginId, PluginSlot> plugins;
    private final Caller plugin = Caller.local("plugin");
    /** How many calls of plugins the call on this thread is within. */
    private final ThreadLocal<@Nullable Integer> depth = new ThreadLocal<>();
    /** As many as there are calls: each is bounded by the room of its caller, and none waits for another's thread. */
    private final ExecutorService threads = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            new NamedThreads("plugin-call", NamedThreads.GUEST_STACK));

    /**
     * Calls plugins.
     *
     * @param plugins finds one, or throws {@link ErrorCode#PLUGIN_NOT_FOUND}
     */
    PluginCalls(Function<PluginId, PluginSlot> plugins) {
        this.plugins = plugins;
    }

    /** Calls a plugin for another one, see {@link org.circleosd.pluginmanager.api.runtime.PluginContext#call}. */
    byte[] call(PluginId caller, PluginContent content, PluginId callee, String function, byte[] payload) {
        CallRights.check(caller, content, callee);
        Integer within = depth.get();
        int level = within == null ? 1 : within + 1;
        if (level > MAX_DEPTH) {
            throw new PluginException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "plugin '" + caller + "' calls plugin '" + callee + "' within " + within
                            + " calls of plugins by plugins, the most that there may be");
        }
        Invocation invocation = new Invocation(function, payload, plugin);
        FutureTask<byte[]> call = new FutureTask<>(() -> {
            depth.set(level);
            try {
                return plugins.apply(callee).invoke(invocation);
            } finally {
                depth.remove();
            }
        });
        try {
            threads.execute(call);
        } catch (RejectedExecutionException e) {
            throw new PluginException(ErrorCode.UNAVAILABLE, "the plugin host is being replaced; try again");
        } catch (OutOfMemoryError e) {
            throw new PluginException(
                    ErrorCode.BUSY, "the system has no thread for the call of plugin '" + callee + "'");
        }
        return await(callee, call);
    }

    private static byte[] await(PluginId callee, FutureTask<byte[]> call) {
        try {
            return call.get();
        } catch (InterruptedException e) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            throw new PluginException(
                    ErrorCode.CANCELLED, "the call that called plugin '" + callee + "' ended before it was answered");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PluginException failure) {
                throw failure;
            }
            LOG.log(System.Logger.Level.ERROR, "the call of plugin " + callee + " by another one failed", e.getCause());
            throw new PluginException(ErrorCode.INTERNAL, "a defect of the daemon; its log has the trace");
        }
    }

    /** Takes no more calls; those that run go on. */
    void close() {
        threads.shutdown();
    }
}
