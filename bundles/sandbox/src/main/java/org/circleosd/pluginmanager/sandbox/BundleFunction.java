package org.circleosd.pluginmanager.sandbox;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.runtime.HostCall;
import org.circleosd.pluginmanager.api.runtime.HostFunction;
import org.circleosd.pluginmanager.sandbox.extism.ExtismGuest;
import org.jspecify.annotations.Nullable;

/** A function of a bundle, as one guest calls it. */
final class BundleFunction implements ImportedFunction.Body {

    private static final System.Logger LOG = System.getLogger(BundleFunction.class.getName());
    private static final byte[] NOTHING = {};

    private final ServiceGate<HostFunction> gate;
    private final WasmImport name;
    private final String pluginName;
    private final @Nullable ExtismGuest extism;

    BundleFunction(ServiceGate<HostFunction> gate, WasmImport name, String pluginName, @Nullable ExtismGuest extism) {
        this.gate = gate;
        this.name = name;
        this.pluginName = pluginName;
        this.extism = extism;
    }

    @Override
    public long call(GuestMemory memory, long[] args) {
        return gate.call(function -> call(function, memory, args));
    }

    private long call(HostFunction function, GuestMemory memory, long[] args) {
        try {
            return function.call(new Call(memory), args);
        } catch (PluginException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) {
            // The bundle's class must not outlive the bundle, so only words go on.
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the host function " + name.module() + "." + name.name() + " failed for plugin " + pluginName,
                    e);
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR,
                    "the host function " + name.module() + "." + name.name() + " failed: " + e
                            + "; the daemon's log has the trace");
        }
    }

    private final class Call implements HostCall {

        private final GuestMemory memory;

        Call(GuestMemory memory) {
            this.memory = memory;
        }

        @Override
        public String plugin() {
            return pluginName;
        }

        @Override
        public GuestMemory memory() {
            return memory;
        }

        @Override
        public byte[] read(long handle) {
            return extism == null ? NOTHING : extism.read(handle);
        }

        @Override
        public long write(byte[] bytes) {
            return extism == null ? 0 : extism.write(bytes);
        }
    }
}
