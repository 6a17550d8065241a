package org.circleosd.pluginmanager.api.engine;

import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.osgi.annotation.versioning.ConsumerType;

/** A compiled module. Thread-safe. */
@ConsumerType
public interface WasmModule extends AutoCloseable {

    /** Returns what the module needs, in its order. */
    List<WasmImport> imports();

    /** Returns what the module offers, in its order. */
    List<WasmExport> exports();

    /** Returns the number of functions that the module defines. */
    int functionCount();

    /** Returns how many of them are compiled; the engine interprets the others. */
    int compiledCount();

    /**
     * Makes an instance and runs the module's start function, on the calling thread.
     *
     * @param imports one for each function that the module imports; more are ignored
     * @param modules instances of this engine by the name under which the module imports from them: their exported
     *     functions, memories, tables and globals. They come before {@code imports}, must not be closed before this
     *     instance and are called on its thread
     * @param memoryBytes hard limit of each linear memory, in bytes; {@code memory.grow} past it fails in the guest
     * @return an instance for one thread at a time, which the caller closes
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} naming an import that is missing or has another type,
     *     {@link ErrorCode#LIMIT_EXCEEDED} if a memory or table is declared larger than its limit (found before anything is
     *     allocated), or what {@link WasmFunction#call} throws if the start function fails
     */
    WasmInstance instantiate(List<ImportedFunction> imports, Map<String, WasmInstance> modules, long memoryBytes);

    /** Makes an instance that imports from the host only. */
    default WasmInstance instantiate(List<ImportedFunction> imports, long memoryBytes) {
        return instantiate(imports, Map.of(), memoryBytes);
    }

    /** Drops the compiled code; instances made of it can still be used. */
    @Override
    void close();
}
