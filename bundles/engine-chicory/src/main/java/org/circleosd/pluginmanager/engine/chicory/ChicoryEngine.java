package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.wasm.Version;
import java.nio.file.Path;
import java.util.Optional;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.engine.chicory.store.CodeStore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Runs wasm code compiled to JVM bytecode, with a memory of our own. */
@Component(
        service = WasmEngine.class,
        immediate = true,
        property = {"engine=chicory", "service.ranking:Integer=100"},
        configurationPid = "org.circleosd.pluginmanager.engine.chicory")
public final class ChicoryEngine implements WasmEngine {

    @interface Config {
        /** Folder of the compiled plugins; made if it is missing. Empty: they are not kept. */
        String aot_dir() default "";

        /** File of the key that authenticates them; made if it is missing. Empty: beside the folder. */
        String aot_key() default "";

        /** What they may take on disk, in bytes; what was used longest ago goes first. */
        long aot_bytes() default 512L << 20;
    }

    private final MemoryBudget budget = MemoryBudget.ofHeap();
    private final Compilations compilations;

    /** Opens the store; warns if the JVM would leave large functions to its interpreter. */
    @Activate
    public ChicoryEngine(Config config) {
        this(store(config), ModuleCompiler::compile);
        HugeMethods.warnIfNotCompiled();
    }

    /** Makes an engine that keeps nothing. */
    public ChicoryEngine() {
        this(Optional.empty(), ModuleCompiler::compile);
    }

    ChicoryEngine(Optional<CodeStore> store, Compilations.Compiling compiling) {
        compilations = new Compilations(store, compiling);
    }

    private static Optional<CodeStore> store(Config config) {
        if (config.aot_dir().isBlank()) {
            return Optional.empty();
        }
        Path folder = Path.of(config.aot_dir()).toAbsolutePath();
        Path key = config.aot_key().isBlank()
                ? folder.resolveSibling(folder.getFileName() + ".key")
                : Path.of(config.aot_key());
        return CodeStore.open(folder, key, Math.max(0, config.aot_bytes()), environment());
    }

    /** What the classes depend on besides the module. */
    static String environment() {
        return nameAndVersion() + " version=" + ModuleCompiler.VERSION + " functions="
                + ModuleCompiler.FUNCTIONS_PER_CLASS + " jdk="
                + Runtime.version().feature();
    }

    private static String nameAndVersion() {
        return "chicory " + Version.version();
    }

    @Override
    public String name() {
        return nameAndVersion();
    }

    @Override
    public WasmModule compile(byte[] wasm, Sha256 digest, CompileProgress progress) {
        return new ChicoryModule(compilations.code(wasm, digest, progress), budget);
    }
}
