package org.circleosd.pluginmanager.api.engine;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.osgi.annotation.versioning.ConsumerType;

/** An exported function of one instance. */
@ConsumerType
public interface WasmFunction {

    /** Returns its parameters and results. */
    WasmFunctionType type();

    /**
     * Runs the function on the calling thread. When that thread is interrupted, guest code stops within milliseconds.
     * An exception thrown by a host function passes through unchanged.
     *
     * @param args one {@code long} a parameter, see {@link WasmType}
     * @return one {@code long} a result; empty for none
     * @throws PluginException {@link ErrorCode#PLUGIN_TRAP} with the kind of trap, also for an exhausted call stack;
     *     {@link ErrorCode#CANCELLED} if the thread was interrupted (its flag is clear then);
     *     {@link ErrorCode#OUT_OF_MEMORY} if the Java heap is exhausted; {@link ErrorCode#INTERNAL} if the engine itself
     *     failed
     */
    long[] call(long... args);
}
