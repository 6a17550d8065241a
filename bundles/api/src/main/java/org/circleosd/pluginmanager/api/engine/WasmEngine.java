package org.circleosd.pluginmanager.api.engine;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.Sha256;
import org.osgi.annotation.versioning.ConsumerType;

/** Runs wasm code. No type of the engine's library shows in this package, so that engines can be exchanged. */
@ConsumerType
public interface WasmEngine {

    /** Returns the engine's name and version, as {@code chicory 1.7.5}. */
    String name();

    /**
     * Compiles a module, or finds what an earlier compilation of it left.
     *
     * @param wasm the module's bytes, which the caller has checked: they are valid, and their counts and sizes are
     *     within bounds. An engine need not be safe on other bytes
     * @param digest of these bytes: the name under which the engine may keep its code over restarts
     * @param progress is told how far it is
     * @return a module that the caller closes
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} if the module uses a feature that the engine does not
     *     have; the message names it. {@link ErrorCode#CANCELLED} if the thread was interrupted,
     *     {@link ErrorCode#LIMIT_EXCEEDED} if compiling takes more time or memory than is allowed
     */
    WasmModule compile(byte[] wasm, Sha256 digest, CompileProgress progress);

    /** Compiles a module whose progress nobody watches. */
    default WasmModule compile(byte[] wasm) {
        return compile(wasm, Sha256.of(wasm), CompileProgress.UNSEEN);
    }
}
