package org.circleosd.pluginmanager.sandbox;

import java.util.Optional;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmInstance;

/** An instance that tells when it returned to its first state. */
final class CountingInstance implements WasmInstance {

    private final WasmInstance instance;
    private final Runnable restored;

    CountingInstance(WasmInstance instance, Runnable restored) {
        this.instance = instance;
        this.restored = restored;
    }

    @Override
    public Optional<WasmFunction> function(String name) {
        return instance.function(name);
    }

    @Override
    public Optional<GuestMemory> memory() {
        return instance.memory();
    }

    @Override
    public void capture() {
        instance.capture();
    }

    @Override
    public boolean restore() {
        boolean done = instance.restore();
        restored.run();
        return done;
    }

    @Override
    public void close() {
        instance.close();
    }
}
