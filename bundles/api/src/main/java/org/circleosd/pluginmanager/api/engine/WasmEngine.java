package org.circleosd.pluginmanager.api.engine;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.osgi.annotation.versioning.ConsumerType;

/** Runs wasm code. No type of the engine's library shows in this package, so that engines can be exchanged. */
@ConsumerType
public interface WasmEngine {

    /** Returns the engine's name and version, as {@code chicory 1.7.5}. */
    String name();

    /**
     * Parses, validates and compiles a module.
     *
     * @param wasm the module's bytes
     * @return a module that the caller closes
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} if the bytes are no module or use a feature that the
     *     engine does not have; the message names it
     */
    WasmModule compile(byte[] wasm);
}
