package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private final MemoryBudget budget;
    private final FunctionRefs functions = new FunctionRefs();
    private @Nullable Instance instance;
    /** The first memory: the instance's own, or lent by the instance that it is imported from. */
    private @Nullable FlatMemory memory;

    private @Nullable InstanceSnapshot snapshot;
    private @Nullable Map<String, Export> exportsByName;

    private ChicoryInstance(List<WasmExport> exports, MemoryBudget budget) {
        this.budget = budget;
        this.exports = exports;
    }

    static ChicoryInstance of(
            CompiledCode code,
            List<WasmExport> exports,
            List<ImportedFunction> offered,
            Map<String, WasmInstance> modules,
            long memoryBytes,
            MemoryBudget budget) {
        WasmModule module = code.module();
        MemoryLimits memoryLimits = InstanceLimits.memory(module, memoryBytes);
        InstanceLimits.checkTables(module.tableSection());
        ChicoryInstance made = new ChicoryInstance(exports, budget);
        made.start(code, ImportLinker.link(module, made.functions, own(modules), offered), memoryLimits);
        return made;
    }

    private static Map<String, ChicoryInstance> own(Map<String, WasmInstance> modules) {
        Map<String, ChicoryInstance> own = new HashMap<>();
        modules.forEach((name, instance) -> {
            if (!(instance instanceof ChicoryInstance ours)) {
                throw new IllegalArgumentException(
                        "module '" + name + "' is an instance of another engine: " + instance.getClass());
            }
            own.put(name, ours);
        });
        return own;
    }

    private void start(CompiledCode code, ImportValues linked, MemoryLimits memoryLimits) {
        if (linked.memoryCount() > 0 && linked.memory(0).memory() instanceof FlatMemory lent) {
            memory = lent;
        }
        try {
            instance = Instance.builder(code.module())
                    .withMachineFactory(made -> {
                        functions.of(made);
                        return code.machines().apply(made);
                    })
                    .withMemoryLimits(memoryLimits)
                    .withMemoryFactory(this::makeMemory)
                    .withTableFactory(this::makeTable)
                    .withImportValues(linked)
                    // Chicory would also run an export named _start, which is the plugin's business.
                    .withStart(false)
                    .build();
        } catch (HostException e) {
            close();
            throw e.thrown();
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
            close();
            throw Failure.ofCall("the start of the module", e);
        }
    }

    private FlatMemory makeMemory(MemoryLimits limits) {
        FlatMemory made = new FlatMemory(limits, budget);
        memory = made;
        return made;
    }

    private LinkableTable makeTable(Table declared, int initialValue) {
        LinkableTable made = new LinkableTable(InstanceLimits.table(declared), functions);
        made.fill(initialValue);
        return made;
    }

    @Override
    public Optional<WasmFunction> function(String name) {
        Instance present = instance();
        for (WasmExport export : exports) {
            WasmFunctionType type = export.type();
            if (type != null && export.name().equals(name)) {
                return Optional.of(new ExportedFunction(name, type, present.export(name)));
            }
        }
        return Optional.empty();
    }

    @Override
    public Optional<GuestMemory> memory() {
        return Optional.ofNullable(memory).map(FlatMemory::guest);
    }

    /** Finds what another instance may import. */
    Optional<Export> export(String name) {
        Map<String, Export> byName = exportsByName;
        if (byName == null) {
            ExportSection section = instance().module().exportSection();
            byName = new HashMap<>();
            for (int i = 0; i < section.exportCount(); i++) {
                byName.put(section.getExport(i).name(), section.getExport(i));
            }
            exportsByName = byName;
        }
        return Optional.ofNullable(byName.get(name));
    }

    @Override
    public void capture() {
        snapshot = new InstanceSnapshot(instance(), memory);
    }

    @Override
    public boolean restore() {
        if (snapshot == null) {
            return false;
        }
        snapshot.restore();
        return true;
    }

    /** @throws IllegalStateException if it is closed */
    Instance instance() {
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
        snapshot = null;
        exportsByName = null;
    }
}
