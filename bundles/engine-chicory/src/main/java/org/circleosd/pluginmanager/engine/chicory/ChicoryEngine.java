package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.wasm.Version;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.engine.chicory.admission.ChildLimits;
import org.circleosd.pluginmanager.engine.chicory.store.CodeStore;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

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

        /** Where a module that is not kept is compiled: process, thread, or auto: the smallest in the daemon. */
        String admission() default "auto";

        /** Java heap of a compiling process, in bytes; 32 MiB or more. */
        long admission_memory_bytes() default 512L << 20;

        /** Most time of a compiling process, in milliseconds; 100 to 3600000. */
        long admission_ms() default 50_000;
    }

    private static final long LEAST_HEAP = 32L << 20;

    private final MemoryBudget budget = MemoryBudget.ofHeap();
    private final @Nullable Admission admission;
    private final Compilations compilations;

    /** Opens the store; warns if the JVM would leave large functions to its interpreter. */
    @Activate
    public ChicoryEngine(Config config) {
        Optional<Path> folder = folder(config.aot_dir());
        admission = admission(config, folder);
        compilations = new Compilations(folder.flatMap(present -> store(present, config)), admission);
        HugeMethods.warnIfNotCompiled();
    }

    /** Makes an engine that keeps nothing and compiles on the calling thread. */
    public ChicoryEngine() {
        this(Optional.empty(), ModuleCompiler::compile);
    }

    ChicoryEngine(Optional<CodeStore> store, Compilations.Compiling compiling) {
        admission = null;
        compilations = new Compilations(store, compiling);
    }

    private static Optional<Path> folder(String configured) {
        return configured.isBlank()
                ? Optional.empty()
                : Optional.of(Path.of(configured).toAbsolutePath());
    }

    private static Optional<CodeStore> store(Path folder, Config config) {
        Path key = folder(config.aot_key()).orElse(folder.resolveSibling(folder.getFileName() + ".key"));
        return CodeStore.open(folder, key, Math.max(0, config.aot_bytes()), environment());
    }

    private static Admission admission(Config config, Optional<Path> folder) {
        // The second is for a disk that is full or read-only, which must not keep anything from being loaded.
        List<Path> folders = Stream.concat(folder.stream(), Stream.of(Path.of(System.getProperty("java.io.tmpdir"))))
                .toList();
        Duration time = Duration.ofMillis(Math.max(100, Math.min(config.admission_ms(), 3_600_000)));
        return new Admission(
                Admission.Mode.of(config.admission()),
                folders,
                new ChildLimits(Math.max(LEAST_HEAP, config.admission_memory_bytes()), time));
    }

    /** Removes what the compiling processes shared; none of them outlives the call that it works for. */
    @Deactivate
    void close() {
        if (admission != null) {
            admission.close();
        }
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
