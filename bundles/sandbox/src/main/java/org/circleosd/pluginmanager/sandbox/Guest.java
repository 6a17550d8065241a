package org.circleosd.pluginmanager.sandbox;

import java.lang.ref.SoftReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.sandbox.extism.ExtismGuest;
import org.circleosd.pluginmanager.sandbox.wasi.Wasi;
import org.jspecify.annotations.Nullable;

/** An instance with its view of the system. For one thread at a time. */
final class Guest implements AutoCloseable {

    private final WasmInstance instance;
    private final HostView host;
    private final @Nullable GuestMemory memory;
    private final Map<String, WasmFunction> functions = new HashMap<>();

    /** Made once, so that a call's return to the pool allocates nothing. */
    private final SoftReference<Guest> softly = new SoftReference<>(this);

    private final List<WasmInstance> others;
    private boolean spent;
    private boolean sound;

    /**
     * Makes a guest.
     *
     * @param instance the one that is called
     * @param others those that it is linked to, each before those that use it
     */
    Guest(WasmInstance instance, List<WasmInstance> others, HostView host) {
        this.others = List.copyOf(others);
        this.instance = instance;
        this.host = host;
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
        return host.wasi();
    }

    /** Returns the view of a guest that is known to be one of an Extism plugin. */
    ExtismGuest extism() {
        ExtismGuest extism = host.extism();
        if (extism == null) {
            throw new IllegalStateException("the plugin is not linked to an Extism host");
        }
        return extism;
    }

    /** Says that the present call leaves the guest as it should be, even if it fails. */
    void sound() {
        sound = true;
    }

    /** Says that the guest cannot take another call. */
    void spend() {
        spent = true;
    }

    boolean isSpent() {
        return spent;
    }

    /** Ends a call, or the initialisation; returns whether it left the guest {@link #sound} though it may have failed. */
    boolean endCall() {
        host.endCall();
        boolean was = sound;
        sound = false;
        return was;
    }

    /** Remembers the present state for {@link #restore}. */
    void capture() {
        instance.capture();
        others.forEach(WasmInstance::capture);
    }

    /** Returns to the captured state; false if that cannot be done, then the guest must be closed. */
    boolean restore() {
        if (spent || !instance.restore()) {
            return false;
        }
        for (WasmInstance other : others) {
            if (!other.restore()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        host.wasi().close();
        instance.close();
        closeAll(others);
    }

    /** Closes instances, the last one first: nothing is closed before what uses it. */
    static void closeAll(List<WasmInstance> instances) {
        for (int i = instances.size() - 1; i >= 0; i--) {
            instances.get(i).close();
        }
    }
}
