package org.circleosd.pluginmanager.sandbox;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.circleosd.pluginmanager.api.EngineStatus;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.jspecify.annotations.Nullable;

/** A module on its way from checked bytes to compiled code. Thread-safe. */
final class PluginCode implements Supplier<WasmModule>, AutoCloseable {

    private final WasmEngine engine;
    /** Read when they are needed: many modules may wait for their turn. */
    private final Supplier<byte[]> wasm;

    private final Sha256 digest;
    private final int functions;
    private final DeadlineWatch watch;
    private final Duration timeout;
    private final List<PluginCode> linked;
    /** Guarded by this, written once. */
    private volatile @Nullable WasmModule module;

    private volatile boolean closed;
    private volatile int compiled;

    /**
     * Makes code that is not compiled yet.
     *
     * @param wasm gives the module's checked bytes
     * @param functions that the module defines
     * @param timeout most time for compiling
     * @param linked the code of the modules that this one is linked with; compiled, shown and closed with it
     */
    PluginCode(
            WasmEngine engine,
            Supplier<byte[]> wasm,
            Sha256 digest,
            int functions,
            DeadlineWatch watch,
            Duration timeout,
            List<PluginCode> linked) {
        this.engine = engine;
        this.wasm = wasm;
        this.digest = digest;
        this.functions = functions;
        this.watch = watch;
        this.timeout = timeout;
        this.linked = List.copyOf(linked);
    }

    /**
     * Compiles the modules on the calling thread.
     *
     * @throws PluginException {@link ErrorCode#LIMIT_EXCEEDED} if that takes too long, {@link ErrorCode#CANCELLED} if
     *     the thread was interrupted, or what the engine throws
     */
    void compile() {
        linked.forEach(PluginCode::compile);
        byte[] bytes = wasm.get();
        WasmModule made;
        try {
            CompileProgress progress = (done, of) -> compiled = done;
            made = watch.within(timeout, () -> engine.compile(bytes, digest, progress));
        } catch (PluginException e) {
            throw e.code() == ErrorCode.TIMEOUT ? tooSlow() : e;
        }
        synchronized (this) {
            if (!closed) {
                module = made;
                return;
            }
        }
        made.close();
        throw InstancePool.closed();
    }

    private PluginException tooSlow() {
        return new PluginException(
                ErrorCode.LIMIT_EXCEEDED,
                "compiling the module's " + functions + " functions took longer than " + timeout.toMillis()
                        + " ms (compile.timeout.ms of org.circleosd.pluginmanager.sandbox)");
    }

    /** Returns the compiled module. */
    @Override
    public WasmModule get() {
        WasmModule present = module;
        if (present == null) {
            throw InstancePool.closed();
        }
        return present;
    }

    /** Says what there is at this moment. */
    EngineStatus status() {
        return linked.stream().map(PluginCode::status).reduce(ownStatus(), PluginCode::sum);
    }

    private EngineStatus ownStatus() {
        WasmModule present = module;
        if (present == null) {
            return new EngineStatus(
                    engine.name(), EngineStatus.Mode.COMPILING, Math.min(compiled, functions), functions);
        }
        int ready = present.compiledCount();
        return new EngineStatus(
                engine.name(),
                ready < functions ? EngineStatus.Mode.MIXED : EngineStatus.Mode.COMPILED,
                ready,
                functions);
    }

    /** Says what there was when it failed. */
    EngineStatus failed() {
        EngineStatus status = status();
        return new EngineStatus(status.engine(), EngineStatus.Mode.FAILED, status.compiled(), status.of());
    }

    private static EngineStatus sum(EngineStatus one, EngineStatus other) {
        int ready = one.compiled() + other.compiled();
        int of = one.of() + other.of();
        boolean compiling = one.mode() == EngineStatus.Mode.COMPILING || other.mode() == EngineStatus.Mode.COMPILING;
        EngineStatus.Mode mode = ready < of ? EngineStatus.Mode.MIXED : EngineStatus.Mode.COMPILED;
        return new EngineStatus(one.engine(), compiling ? EngineStatus.Mode.COMPILING : mode, ready, of);
    }

    @Override
    public void close() {
        WasmModule present;
        synchronized (this) {
            closed = true;
            present = module;
            module = null;
        }
        if (present != null) {
            present.close();
        }
        linked.forEach(PluginCode::close);
    }
}
