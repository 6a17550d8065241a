package org.circleosd.pluginmanager.sandbox;

import java.lang.ref.SoftReference;
import java.util.HashMap;
import java.util.Map;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.sandbox.wasi.Wasi;
import org.jspecify.annotations.Nullable;

/** An instance with its view of the system. For one thread at a time. */
final class Guest implements AutoCloseable {

    private final WasmInstance instance;
    private final Wasi wasi;
    private final @Nullable GuestMemory memory;
    private final Map<String, WasmFunction> functions = new HashMap<>();

    /** Made once, so that a call's return to the pool allocates nothing. */
    private final SoftReference<Guest> softly = new SoftReference<>(this);

    Guest(WasmInstance instance, Wasi wasi) {
        this.instance = instance;
        this.wasi = wasi;
        this.memory = instance.memory().orElse(null);
    }

    /** Returns a function that the module is known to export. */
    WasmFunction function(String name) {
        WasmFunction function = functions.get(name);
        if (function == null) {
            function = instance.function(name)
                    .orElseThrow(() -> new IllegalStateException("the engine lost the export " + name));
            functions.put(name, function);
        }
        return function;
    }

    /** Returns the memory of a module that is known to export one. */
    GuestMemory memory() {
        if (memory == null) {
            throw new IllegalStateException("the engine lost the memory");
        }
        return memory;
    }

    /** Returns a reference that lets go of this guest when the Java heap runs short. */
    SoftReference<Guest> softly() {
        return softly;
    }

    Wasi wasi() {
        return wasi;
    }

    /** Remembers the present state for {@link #restore}. */
    void capture() {
        instance.capture();
    }

    /** Returns to the captured state; false if that cannot be done, then the guest must be closed. */
    boolean restore() {
        return instance.restore();
    }

    @Override
    public void close() {
        wasi.close();
        instance.close();
    }
}
