package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.GlobalImport;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryImport;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.TableImport;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;

/** Finds what one instance imports, in the instances that it is linked to and in what the host offers. */
final class ImportLinker {

    private final WasmModule importing;
    private final FunctionRefs functions;
    private final Map<String, ChicoryInstance> modules;
    private final Map<String, ImportedFunction> offered = new HashMap<>();
    private final ImportValues.Builder linked = ImportValues.builder();
    private final List<String> problems = new ArrayList<>();
    private int memories;

    private ImportLinker(
            WasmModule importing,
            FunctionRefs functions,
            Map<String, ChicoryInstance> modules,
            List<ImportedFunction> offered) {
        this.importing = importing;
        this.functions = functions;
        this.modules = modules;
        this.memories =
                importing.memorySection().map(section -> section.memoryCount()).orElse(0);
        for (ImportedFunction function : offered) {
            this.offered.put(key(function.module(), function.name()), function);
        }
    }

    /**
     * Finds a value for each import of a module.
     *
     * @param functions of the instance that is to import them
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} naming every import that cannot be given
     */
    static ImportValues link(
            WasmModule importing,
            FunctionRefs functions,
            Map<String, ChicoryInstance> modules,
            List<ImportedFunction> offered) {
        return new ImportLinker(importing, functions, modules, offered).link();
    }

    private ImportValues link() {
        importing.importSection().stream().forEach(this::link);
        if (!problems.isEmpty()) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID, "imports that cannot be given: " + String.join(", ", problems));
        }
        return linked.build();
    }

    private void link(Import wanted) {
        ChicoryInstance module = modules.get(wanted.module());
        Optional<Export> export = module == null ? Optional.empty() : module.export(wanted.name());
        if (module != null && export.isPresent()) {
            link(wanted, module.instance(), export.get());
        } else if (wanted instanceof FunctionImport function) {
            linkToHost(
                    function,
                    module == null
                            ? "the host has none"
                            : "neither module '" + shown(wanted.module()) + "' nor the host has it");
        } else if (module != null) {
            refuse(wanted, "", "module '" + shown(wanted.module()) + "' does not export it");
        } else {
            refuse(wanted, "", "only modules that are linked to it could give it, the host has functions only");
        }
    }

    private void link(Import wanted, Instance from, Export export) {
        int index = export.index();
        if (export.exportType() != wanted.importType()) {
            refuse(wanted, "", "the module exports a " + kind(export.exportType()) + " of that name");
        } else if (wanted instanceof FunctionImport function) {
            link(function, from, index);
        } else if (wanted instanceof MemoryImport memory) {
            link(memory, from.memory(index));
        } else if (wanted instanceof TableImport table) {
            link(table, from.table(index));
        } else if (wanted instanceof GlobalImport global) {
            link(global, from.global(index));
        } else {
            refuse(wanted, "", "this engine cannot link exception tags; define it in each module");
        }
    }

    private void link(FunctionImport wanted, Instance from, int index) {
        FunctionType type = type(wanted);
        WasmFunctionType expected = WasmTypes.of(type);
        WasmFunctionType found = WasmTypes.of(from.type(from.functionType(index)));
        if (!found.equals(expected)) {
            refuse(wanted, " " + WasmTypes.text(expected), "the module's is " + WasmTypes.text(found));
        } else if (expected.params().contains(WasmType.OTHER)
                || expected.results().contains(WasmType.OTHER)) {
            refuse(wanted, " " + WasmTypes.text(expected), "this engine passes no references between modules");
        } else {
            linked.addFunction(
                    new ImportFunction(wanted.module(), wanted.name(), type, ForeignCalls.handle(from, index)));
        }
    }

    private void link(MemoryImport wanted, Memory found) {
        memories++;
        long least = wanted.limits().initialPages();
        long most = wanted.limits().maximumPages();
        if (memories > 1) {
            refuse(wanted, "", "it is a second memory; this engine has one per module");
        } else if (found.pages() < least) {
            refuse(wanted, " of at least " + least + " pages", "the module's has " + found.pages());
        } else if (found.maximumPages() > most) {
            refuse(wanted, " of at most " + most + " pages", "the module's can have " + found.maximumPages());
        } else if (found instanceof FlatMemory memory) {
            linked.addMemory(new ImportMemory(wanted.module(), wanted.name(), memory.lend()));
        }
    }

    private void link(TableImport wanted, TableInstance found) {
        long least = wanted.limits().min();
        long most = wanted.limits().max();
        if (!wanted.entryType().equals(ValType.FuncRef) || !found.elementType().equals(ValType.FuncRef)) {
            refuse(wanted, "", "only tables of funcref can be linked");
        } else if (found.size() < least) {
            refuse(wanted, " of at least " + least + " entries", "the module's has " + found.size());
        } else if (found.limits().max() > most) {
            refuse(
                    wanted,
                    " of at most " + most + " entries",
                    "the module's can have " + found.limits().max());
        } else if (found instanceof LinkableTable table) {
            linked.addTable(
                    new ImportTable(wanted.module(), wanted.name(), new LinkableTable(table.slots(), functions)));
        }
    }

    private void link(GlobalImport wanted, GlobalInstance found) {
        if (wanted.mutabilityType() != found.getMutabilityType()
                || !wanted.type().equals(found.getType())) {
            refuse(
                    wanted,
                    " " + text(wanted.mutabilityType(), wanted.type()),
                    "the module's is " + text(found.getMutabilityType(), found.getType()));
        } else if (wanted.type().isReference()) {
            refuse(wanted, " " + text(wanted.type()), "this engine passes no references between modules");
        } else {
            linked.addGlobal(new ImportGlobal(wanted.module(), wanted.name(), found));
        }
    }

    private void linkToHost(FunctionImport wanted, String absent) {
        FunctionType type = type(wanted);
        WasmFunctionType expected = WasmTypes.of(type);
        ImportedFunction found = offered.get(key(wanted.module(), wanted.name()));
        if (found == null) {
            refuse(wanted, " " + WasmTypes.text(expected), absent);
        } else if (!found.type().equals(expected)) {
            refuse(wanted, " " + WasmTypes.text(expected), "the host's is " + WasmTypes.text(found.type()));
        } else {
            linked.addFunction(new ImportFunction(wanted.module(), wanted.name(), type, handle(found)));
        }
    }

    private FunctionType type(FunctionImport wanted) {
        return importing.typeSection().getType(wanted.typeIndex());
    }

    private static WasmFunctionHandle handle(ImportedFunction function) {
        ImportedFunction.Body body = function.body();
        List<WasmType> results = function.type().results();
        boolean narrow = results.equals(List.of(WasmType.I32)) || results.equals(List.of(WasmType.F32));
        // Read at once by the caller, so one array serves all calls of this instance's only thread.
        long[] result = new long[results.size()];
        return (caller, args) -> {
            try {
                long value = body.call(memory(caller), args);
                if (result.length > 0) {
                    result[0] = narrow ? (int) value : value;
                }
                return result;
            } catch (RuntimeException e) {
                throw new HostException(e);
            }
        };
    }

    private static GuestMemory memory(Instance caller) {
        return caller.memory() instanceof FlatMemory memory ? memory.guest() : LinearMemory.empty();
    }

    private void refuse(Import wanted, String type, String reason) {
        problems.add(kind(wanted.importType()) + " '" + shown(wanted.module() + "." + wanted.name()) + "'" + type + " ("
                + reason + ")");
    }

    static String kind(ExternalType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    private static String text(MutabilityType mutability, ValType type) {
        return (mutability == MutabilityType.Var ? "(mut " + text(type) + ")" : text(type));
    }

    private static String text(ValType type) {
        if (type.equals(ValType.FuncRef)) {
            return "funcref";
        }
        return type.isReference() ? "(a reference)" : type.toString().toLowerCase(Locale.ROOT);
    }

    private static String shown(String name) {
        return Failure.oneLine(name);
    }

    private static String key(String module, String name) {
        return module.length() + ":" + module + name;
    }
}
