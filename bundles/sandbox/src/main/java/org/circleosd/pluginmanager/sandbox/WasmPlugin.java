package org.circleosd.pluginmanager.sandbox;

import java.time.Duration;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.sandbox.wasi.ProcExit;

/** A wasm plugin that takes calls. Guest code runs on the calling thread. */
final class WasmPlugin implements LoadedPlugin {

    private static final List<String> ISOLATION = List.of("wasm");

    private final WasmModule module;
    private final CallingConvention convention;
    private final InstancePool pool;
    private final DeadlineWatch watch;
    private final Duration timeout;

    WasmPlugin(
            WasmModule module, CallingConvention convention, InstancePool pool, DeadlineWatch watch, Duration timeout) {
        this.module = module;
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

    /** Makes the first guest, so that a plugin that cannot be initialised fails at load. */
    void warmUp() {
        run(guest -> new byte[0]);
    }

    @Override
    public byte[] invoke(Invocation invocation) {
        return run(convention.prepare(invocation));
    }

    @Override
    public void close() {
        pool.close();
        module.close();
    }

    private byte[] run(CallingConvention.GuestCall call) {
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

    private byte[] runWithGuest(CallingConvention.GuestCall call) {
        Guest guest = pool.take();
        boolean intact = false;
        try {
            byte[] result = call.run(guest);
            intact = true;
            return result;
        } finally {
            guest.wasi().endCall();
            pool.giveBack(guest, intact);
        }
    }
}
