package org.circleosd.pluginmanager.sandbox;

import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.circleosd.pluginmanager.api.runtime.HostFunction;
import org.circleosd.pluginmanager.sandbox.services.ServiceFunctions;
import org.circleosd.pluginmanager.sandbox.wasi.WasiFunctions;
import org.jspecify.annotations.Nullable;

/**
 * The functions that bundles offer to plugins at this moment, by name and type. A plugin is linked to a gate, not to a
 * service: when the bundle is replaced, calls wait, bounded, for the next one. Thread-safe.
 */
final class HostFunctions {

    private static final System.Logger LOG = System.getLogger(HostFunctions.class.getName());

    /** How long a plugin's call waits for a function that left: less than most calls have. */
    private static final Duration WAIT = Duration.ofSeconds(2);
    /** How long a function that leaves waits for the calls on it. */
    private static final Duration DRAIN = Duration.ofSeconds(5);

    /** Namespaces whose functions are this host's own. */
    private static final List<String> RESERVED =
            List.of(WasiFunctions.MODULE, "extism:host/env", ServiceFunctions.MODULE);

    private final Duration wait;
    /** Every signature that was offered once; plugins hold the gates. Guarded by this. */
    private final Map<Signature, ServiceGate<HostFunction>> gates = new HashMap<>();
    /** What each service said of itself when it came: it is asked once. Guarded by this. */
    private final IdentityHashMap<HostFunction, Signature> offered = new IdentityHashMap<>();

    /** Until then more functions are expected to come. */
    private final long settled;

    /**
     * Begins without functions.
     *
     * @param settling how long from now a plugin's load waits for a function that is not there: at the start of the
     *     daemon, plugins come back while bundles are still being started
     */
    HostFunctions(Duration settling) {
        this(settling, WAIT);
    }

    HostFunctions(Duration settling, Duration wait) {
        this.settled = System.nanoTime() + settling.toNanos();
        this.wait = wait;
    }

    /**
     * Offers a function; one that breaks the rules of {@link HostFunction} is reported and left out.
     *
     * @param ranking among functions of the same name and type the highest gets the calls, among equals the latest
     */
    void add(HostFunction function, int ranking) {
        Signature signature = signature(function);
        if (signature == null) {
            return;
        }
        synchronized (this) {
            for (Signature other : offered.values()) {
                if (other.sameName(signature) && !other.equals(signature)) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "host function {0} is offered as {1} and as {2}; plugins get the one that they import",
                            signature.label(),
                            ModuleExports.signature(other.type),
                            ModuleExports.signature(signature.type));
                    break;
                }
            }
            offered.put(function, signature);
            gates.computeIfAbsent(signature, this::gate).bind(function, ranking);
            notifyAll();
        }
        LOG.log(
                System.Logger.Level.INFO,
                "host function {0}{1} came",
                signature.label(),
                ModuleExports.signature(signature.type));
    }

    /** Withdraws a function; waits, bounded, until the calls on it have ended. */
    void remove(HostFunction function) {
        ServiceGate<HostFunction> gate;
        Signature signature;
        synchronized (this) {
            signature = offered.remove(function);
            gate = signature == null ? null : gates.get(signature);
        }
        if (signature != null && gate != null) {
            // Without the lock: a call on it may be one that loads a plugin.
            gate.unbind(function);
            LOG.log(System.Logger.Level.INFO, "host function {0} left", signature.label());
        }
    }

    /**
     * Waits, in the first seconds, until there is a function of this name.
     *
     * @return its type, the wanted one if there is one of that; empty if there is none
     * @throws PluginException {@link ErrorCode#CANCELLED} if the thread is interrupted, whose flag is set again then
     */
    synchronized Optional<WasmFunctionType> await(String namespace, String name, WasmFunctionType wanted) {
        Optional<WasmFunctionType> found = type(namespace, name, wanted);
        try {
            long left = settled - System.nanoTime();
            while (found.isEmpty() && left > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
                found = type(namespace, name, wanted);
                left = settled - System.nanoTime();
            }
            return found;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluginException(
                    ErrorCode.CANCELLED, "cancelled while waiting for the function " + namespace + "." + name);
        }
    }

    /** Returns the type of the function of this name that fits, else that of another one of this name. */
    synchronized Optional<WasmFunctionType> type(String namespace, String name, WasmFunctionType wanted) {
        Signature fitting = new Signature(namespace, name, wanted);
        return offered.values().stream()
                .filter(fitting::sameName)
                .map(Signature::type)
                .reduce((found, next) -> found.equals(wanted) ? found : next);
    }

    /** Returns the gate to the functions of a name and type, which may be gone at any time. */
    synchronized ServiceGate<HostFunction> gate(String namespace, String name, WasmFunctionType type) {
        return gates.computeIfAbsent(new Signature(namespace, name, type), this::gate);
    }

    private ServiceGate<HostFunction> gate(Signature signature) {
        return new ServiceGate<>("host function " + signature.label(), wait, DRAIN);
    }

    /** Asks a function what it is; null if that cannot be offered. */
    private static @Nullable Signature signature(HostFunction function) {
        String problem;
        try {
            Signature signature = new Signature(function.namespace(), function.name(), function.type());
            problem = signature.problem();
            if (problem == null) {
                return signature;
            }
        } catch (RuntimeException e) {
            problem = "it cannot say its namespace, name and type: " + e;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "the host function {0} is not offered to plugins: {1}",
                function.getClass().getName(),
                problem);
        return null;
    }

    private record Signature(String namespace, String name, WasmFunctionType type) {

        boolean sameName(Signature other) {
            return namespace.equals(other.namespace) && name.equals(other.name);
        }

        /** Writes the name as imports are written. */
        String label() {
            return namespace + "." + name;
        }

        /** Says which rule it breaks; null if none. */
        @Nullable
        String problem() {
            if (RESERVED.contains(namespace)) {
                return "namespace '" + namespace + "' is the host's own; expected another one";
            }
            if (ServiceFunctions.has(namespace, name)) {
                return label() + " is a function of the host's own; expected another name";
            }
            if (type.results().size() > 1) {
                return label() + ModuleExports.signature(type) + " has "
                        + type.results().size() + " results; expected at most one";
            }
            if (type.params().contains(WasmType.OTHER) || type.results().contains(WasmType.OTHER)) {
                return label() + ModuleExports.signature(type) + "; expected i32, i64, f32 and f64 only";
            }
            return null;
        }
    }
}
