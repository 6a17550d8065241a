package org.circleosd.pluginmanager.api.runtime;

import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A function that a bundle offers to wasm plugins. Register it as a service: plugins that are loaded from then on can
 * import it, and calls go to the service that is there at that moment. Thread-safe.
 */
@ConsumerType
public interface HostFunction {

    /** The namespace in which plugins made with an Extism PDK look for functions of the host. */
    String EXTISM_USER = "extism:host/user";

    /** Returns the first part of the name under which plugins import it. */
    default String namespace() {
        return EXTISM_USER;
    }

    /** Returns the second part of the name under which plugins import it. */
    String name();

    /** Returns its parameters, and at most one result. Texts travel as handles (I64) or as address and length. */
    WasmFunctionType type();

    /**
     * Runs on the thread of the plugin's call, within its deadline: when that thread is interrupted, return soon.
     *
     * @param call the call of the plugin that this is part of; must not be kept
     * @param args one {@code long} a parameter; must not be kept
     * @return the result; ignored if the type has none
     * @throws PluginException ends the plugin's call with this code and text
     */
    long call(HostCall call, long[] args);
}
