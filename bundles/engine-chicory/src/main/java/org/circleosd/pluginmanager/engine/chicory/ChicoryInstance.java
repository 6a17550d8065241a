package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.List;
import java.util.Optional;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmExport;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.jspecify.annotations.Nullable;

/** A module's running form, for one thread at a time. */
final class ChicoryInstance implements WasmInstance {

    private final List<WasmExport> exports;
    private final HostImports imports;
    private final MemoryBudget budget;
    private @Nullable Instance instance;
    private @Nullable FlatMemory memory;
    private @Nullable GuestMemory guestMemory;
    private @Nullable InstanceSnapshot snapshot;

    private ChicoryInstance(List<WasmExport> exports, HostImports imports, MemoryBudget budget) {
        this.budget = budget;
        this.exports = exports;
        this.imports = imports;
    }

    static ChicoryInstance of(
            CompiledCode code,
            List<WasmExport> exports,
            List<ImportedFunction> offered,
            long memoryBytes,
            MemoryBudget budget) {
        WasmModule module = code.module();
        HostImports imports = new HostImports();
        ImportValues linked = imports.link(module.importSection(), module.typeSection(), offered);
        MemoryLimits memoryLimits = InstanceLimits.memory(module, memoryBytes);
        InstanceLimits.checkTables(module.tableSection());
        ChicoryInstance made = new ChicoryInstance(exports, imports, budget);
        made.start(code, linked, memoryLimits);
        return made;
    }

    private void start(CompiledCode code, ImportValues linked, MemoryLimits memoryLimits) {
        try {
            instance = Instance.builder(code.module())
                    .withMachineFactory(code.machines())
                    .withMemoryLimits(memoryLimits)
                    .withMemoryFactory(this::makeMemory)
                    .withTableFactory(InstanceLimits::table)
                    .withImportValues(linked)
                    // Chicory would also run an export named _start, which is the plugin's business.
                    .withStart(false)
                    .build();
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
            close();
            RuntimeException ofHost = imports.takeThrown();
            throw ofHost != null ? ofHost : Failure.ofCall("the start of the module", e);
        }
    }

    private FlatMemory makeMemory(MemoryLimits limits) {
        FlatMemory made = new FlatMemory(limits, budget);
        memory = made;
        guestMemory = new LinearMemory(made);
        imports.memory(guestMemory);
        return made;
    }

    @Override
    public Optional<WasmFunction> function(String name) {
        Instance present = open();
        for (WasmExport export : exports) {
            WasmFunctionType type = export.type();
            if (type != null && export.name().equals(name)) {
                return Optional.of(new ExportedFunction(name, type, present.export(name), imports));
            }
        }
        return Optional.empty();
    }

    @Override
    public Optional<GuestMemory> memory() {
        return Optional.ofNullable(guestMemory);
    }

    @Override
    public void capture() {
        snapshot = new InstanceSnapshot(open(), memory);
    }

    @Override
    public boolean restore() {
        return snapshot != null && snapshot.restore();
    }

    private Instance open() {
        Instance present = instance;
        if (present == null) {
            throw new IllegalStateException("the instance is closed");
        }
        return present;
    }

    @Override
    public void close() {
        FlatMemory held = memory;
        if (held != null) {
            held.release();
        }
        instance = null;
        memory = null;
        guestMemory = null;
        snapshot = null;
        imports.memory(LinearMemory.empty());
    }
}
