package org.circleosd.pluginmanager.sandbox;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.EngineStatus;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.sandbox.CallingConvention.GuestCall;
import org.circleosd.pluginmanager.sandbox.wasi.ProcExit;
import org.jspecify.annotations.Nullable;

/** A wasm plugin that takes calls once its code is ready. Guest code runs on the calling thread. */
final class WasmPlugin implements LoadedPlugin {

    private static final List<String> ISOLATION = List.of("wasm");

    private final String name;
    private final PluginCode code;
    private final CallingConvention convention;
    private final InstancePool pool;
    private final DeadlineWatch watch;
    private final Duration timeout;
    private final Readiness readiness = new Readiness();
    private volatile boolean closed;
    private volatile @Nullable Future<?> preparation;

    WasmPlugin(
            String name,
            PluginCode code,
            CallingConvention convention,
            InstancePool pool,
            DeadlineWatch watch,
            Duration timeout) {
        this.name = name;
        this.code = code;
        this.convention = convention;
        this.pool = pool;
        this.watch = watch;
        this.timeout = timeout;
    }

    @Override
    public String abi() {
        return convention.abi();
    }

    @Override
    public List<String> functions() {
        return convention.functions();
    }

    @Override
    public List<String> isolation() {
        return ISOLATION;
    }

    @Override
    public Optional<EngineStatus> engine() {
        return Optional.of(readiness.failure() == null ? code.status() : code.failed());
    }

    @Override
    public int maxConcurrency() {
        return pool.concurrency();
    }

    @Override
    public Optional<String> failure() {
        PluginException failure = closed ? null : readiness.failure();
        return failure == null ? Optional.empty() : Optional.of(failure.getMessage());
    }

    @Override
    public boolean awaitReady(Duration time) {
        if (!readiness.await(time)) {
            return false;
        }
        PluginException failure = readiness.failure();
        if (failure != null) {
            throw failure;
        }
        return true;
    }

    /** Returns the plugin's name, for the daemon's log. */
    String name() {
        return name;
    }

    boolean isClosed() {
        return closed;
    }

    Readiness readiness() {
        return readiness;
    }

    /** Remembers what to end when the plugin is closed before it is ready. */
    void preparedBy(Future<?> work) {
        preparation = work;
    }

    /**
     * Does what has to be done before the first call: compiles the code, makes the first guest, so that a plugin that
     * cannot be initialised fails now, and runs the selftest. Calls wait for it.
     *
     * @param rehearsal for the selftest
     * @throws PluginException why the plugin will never take a call
     */
    void prepare(Rehearsal rehearsal, Optional<PluginManifest.SelfTest> selftest) {
        code.compile();
        run(guest -> new byte[0]);
        if (selftest.isPresent()) {
            PluginManifest.SelfTest test = selftest.get();
            test.check(payload -> rehearsal.run(call(test.func(), payload)));
        }
    }

    /** Prepares a call that the manifest asks for. */
    GuestCall call(String function, byte[] payload) {
        return convention.prepare(new Invocation(function, payload, Caller.local("sandbox")));
    }

    @Override
    public byte[] invoke(Invocation invocation) {
        GuestCall call = convention.prepare(invocation);
        if (!readiness.isReady()) {
            awaitReady();
        }
        return run(call);
    }

    /** Lets a call wait as long as it may take; that time is not taken from the call's own. */
    private void awaitReady() {
        if (!readiness.await(timeout)) {
            EngineStatus status = code.status();
            throw new PluginException(
                    ErrorCode.UNAVAILABLE,
                    "the plugin is still being made ready: " + status.compiled() + " of " + status.of()
                            + " functions are compiled; try again");
        }
        PluginException failure = readiness.failure();
        if (failure != null) {
            throw failure.code() == ErrorCode.UNAVAILABLE
                    ? failure
                    : new PluginException(
                            ErrorCode.PLUGIN_FAILED,
                            "the plugin could not be made ready: " + failure.getMessage()
                                    + "; bring it back with enable, or unload it");
        }
    }

    @Override
    public void close() {
        closed = true;
        readiness.failed(InstancePool.closed());
        Future<?> work = preparation;
        if (work != null) {
            work.cancel(true);
        }
        pool.close();
        code.close();
    }

    private byte[] run(GuestCall call) {
        return watch.within(timeout, () -> {
            try {
                return runWithGuest(call);
            } catch (ProcExit exit) {
                throw new PluginException(
                        ErrorCode.PLUGIN_ERROR,
                        "the plugin called exit(" + Integer.toUnsignedString(exit.code())
                                + "); only a command may, others return");
            }
        });
    }

    private byte[] runWithGuest(GuestCall call) {
        Guest guest = pool.take();
        boolean intact = false;
        try {
            byte[] result = call.run(guest);
            intact = true;
            return result;
        } finally {
            boolean sound = guest.endCall();
            pool.giveBack(guest, intact || sound);
        }
    }
}
