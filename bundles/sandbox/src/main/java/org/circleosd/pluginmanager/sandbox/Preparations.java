package org.circleosd.pluginmanager.sandbox;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifest.WarmUp;

/** Makes plugins ready in the background, a few at a time: compiling takes all of a processor. */
final class Preparations implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Preparations.class.getName());

    /** Most background calls of a selftest, for a manifest without a warm-up; speed and CPU time end them earlier. */
    private static final int SELFTEST_CALLS = 10_000;

    private final ExecutorService workers;
    private final WarmUps warmUps;
    private final Duration wait;

    /**
     * Makes threads that wait for work.
     *
     * @param threads plugins at a time
     * @param wait how long {@link #begin} waits for the end
     */
    Preparations(int threads, Duration wait, WarmUps warmUps) {
        this.workers =
                Executors.newFixedThreadPool(threads, new NamedThreads("sandbox-compile", NamedThreads.GUEST_STACK));
        this.wait = wait;
        this.warmUps = warmUps;
    }

    /**
     * Begins to make a plugin ready, and waits a while: a small plugin is ready, or has failed, when this returns; a
     * large one goes on by itself.
     *
     * @param rehearsal for the manifest's calls; closed when they are done
     * @throws PluginException why the plugin cannot be made ready
     */
    void begin(WasmPlugin plugin, Rehearsal rehearsal, PluginManifest manifest) {
        try {
            plugin.preparedBy(workers.submit(() -> prepare(plugin, rehearsal, manifest)));
        } catch (RejectedExecutionException e) {
            throw new PluginException(ErrorCode.UNAVAILABLE, "the wasm sandbox is being replaced; try again");
        }
        if (plugin.readiness().await(wait)) {
            PluginException failure = plugin.readiness().failure();
            if (failure != null) {
                throw failure;
            }
        } else {
            LOG.log(Level.INFO, "{0} is loaded; its code is still being compiled", plugin.name());
        }
    }

    private void prepare(WasmPlugin plugin, Rehearsal rehearsal, PluginManifest manifest) {
        boolean handedOn = false;
        try {
            plugin.prepare(rehearsal, manifest.selftest());
            Optional<WarmUp> warmUp = warmUp(manifest);
            if (warmUp.isPresent()) {
                WarmUp call = warmUp.get();
                warmUps.add(plugin, rehearsal, plugin.call(call.func(), call.payload()), call.calls());
                handedOn = true;
            }
        } catch (PluginException e) {
            LOG.log(Level.INFO, "{0} could not be made ready: {1}", plugin.name(), e.getMessage());
        } catch (OutOfMemoryError e) {
            plugin.readiness()
                    .failed(new PluginException(
                            ErrorCode.OUT_OF_MEMORY, "the Java heap is too small to make the plugin ready; see -Xmx"));
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, plugin.name() + " could not be made ready", e);
            plugin.readiness()
                    .failed(new PluginException(
                            ErrorCode.INTERNAL, "the plugin could not be made ready: the daemon's log says why"));
        } finally {
            if (!handedOn) {
                rehearsal.close();
            }
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
