package org.circleosd.pluginmanager.sandbox;

import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifest.WarmUp;
import org.circleosd.pluginmanager.api.runtime.PluginContext;

/** Makes plugins ready in the background, a few at a time: compiling takes all of a processor. */
final class Preparations implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Preparations.class.getName());

    /** Most background calls of a selftest, for a manifest without a warm-up; speed and CPU time end them earlier. */
    private static final int SELFTEST_CALLS = 10_000;

    private final ExecutorService workers;
    private final WarmUps warmUps;

    /**
     * Makes threads that wait for work.
     *
     * @param threads plugins at a time
     */
    Preparations(int threads, WarmUps warmUps) {
        this.workers =
                Executors.newFixedThreadPool(threads, new NamedThreads("sandbox-compile", NamedThreads.GUEST_STACK));
        this.warmUps = warmUps;
    }

    /**
     * Begins to make a plugin ready.
     *
     * @param rehearsal for the manifest's calls; closed when they are done
     * @param context hears of a failure for which nobody waits any more
     */
    void begin(WasmPlugin plugin, Rehearsal rehearsal, PluginManifest manifest, PluginContext context) {
        try {
            plugin.preparedBy(workers.submit(() -> prepare(plugin, rehearsal, manifest, context)));
        } catch (RejectedExecutionException e) {
            throw new PluginException(ErrorCode.UNAVAILABLE, "the wasm sandbox is being replaced; try again");
        }
    }

    private void prepare(WasmPlugin plugin, Rehearsal rehearsal, PluginManifest manifest, PluginContext context) {
        boolean handedOn = false;
        try {
            plugin.prepare(rehearsal, manifest.selftest());
            plugin.readiness().ready();
            Optional<WarmUp> warmUp = warmUp(manifest);
            if (warmUp.isPresent()) {
                WarmUp call = warmUp.get();
                warmUps.add(plugin, rehearsal, plugin.call(call.func(), call.payload()), call.calls());
                handedOn = true;
            }
        } catch (PluginException e) {
            LOG.log(Level.INFO, "{0} could not be made ready: {1}", plugin.name(), e.getMessage());
            fail(plugin, e, context);
        } catch (OutOfMemoryError e) {
            PluginException full = new PluginException(
                    ErrorCode.OUT_OF_MEMORY, "the Java heap is too small to make the plugin ready; see -Xmx");
            fail(plugin, full, context);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, plugin.name() + " could not be made ready", e);
            PluginException defect = new PluginException(
                    ErrorCode.INTERNAL, "the plugin could not be made ready: the daemon's log says why");
            fail(plugin, defect, context);
        } finally {
            if (!handedOn) {
                rehearsal.close();
            }
        }
    }

    private static void fail(WasmPlugin plugin, PluginException why, PluginContext context) {
        if (plugin.readiness().failed(why) && why.getMessage() != null) {
            context.report(PluginEvent.Kind.FAILED, why.getMessage());
        }
    }

    private static Optional<WarmUp> warmUp(PluginManifest manifest) {
        return manifest.warmup()
                .or(() -> manifest.selftest().map(test -> new WarmUp(test.func(), test.payload(), SELFTEST_CALLS)));
    }

    /** Begins nothing new and ends what runs. */
    @Override
    public void close() {
        workers.shutdownNow();
    }
}
