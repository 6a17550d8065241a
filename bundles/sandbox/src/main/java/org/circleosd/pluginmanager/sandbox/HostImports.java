package org.circleosd.pluginmanager.sandbox;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.runtime.HostFunction;
import org.circleosd.pluginmanager.sandbox.extism.ExtismFunctions;
import org.circleosd.pluginmanager.sandbox.services.ServiceFunctions;
import org.circleosd.pluginmanager.sandbox.wasi.WasiFunctions;
import org.jspecify.annotations.Nullable;

/** What the host gives to one module: functions of WASI, of Extism, of the host's services and of bundles. Found once, bound to each guest. */
final class HostImports {

    private final List<Binding> bindings;

    private HostImports(List<Binding> bindings) {
        this.bindings = List.copyOf(bindings);
    }

    /**
     * Finds what a module imports.
     *
     * @param imports those that no other module gives
     * @param functions of bundles
     * @param pluginName told to these functions
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} that names all that the host does not have
     */
    static HostImports find(List<WasmImport> imports, HostFunctions functions, String pluginName) {
        List<Binding> bindings = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (WasmImport wanted : new LinkedHashSet<>(imports)) {
            WasmFunctionType type = wanted.type();
            Optional<String> problem = type == null
                    ? Optional.of(" (" + wanted.kind() + ")")
                    : problem(type, offered(wanted, type, functions));
            if (problem.isPresent()) {
                unknown.add(wanted.module() + "." + wanted.name() + problem.get() + kernelNote(wanted));
            } else if (type != null) {
                bindings.add(binding(wanted, type, functions, pluginName));
            }
        }
        if (!unknown.isEmpty()) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID,
                    "the module imports what this host does not have: " + String.join(", ", unknown)
                            + "; expected functions of " + WasiFunctions.MODULE + ", of " + ExtismFunctions.MODULE
                            + ", of " + ServiceFunctions.MODULE
                            + ", of a module that the manifest links, or of a bundle that offers them");
        }
        return new HostImports(bindings);
    }

    /** Makes the functions act for one guest. */
    List<ImportedFunction> bind(HostView host) {
        List<ImportedFunction> bound = new ArrayList<>(bindings.size());
        for (Binding binding : bindings) {
            bound.add(binding.to(host));
        }
        return bound;
    }

    private static @Nullable WasmFunctionType offered(
            WasmImport wanted, WasmFunctionType type, HostFunctions functions) {
        if (ServiceFunctions.has(wanted.module(), wanted.name())) {
            return ServiceFunctions.type(wanted.module(), wanted.name());
        }
        return switch (wanted.module()) {
            case WasiFunctions.MODULE -> WasiFunctions.type(wanted.name());
            case ExtismFunctions.MODULE -> ExtismFunctions.type(wanted.name());
            default -> functions.await(wanted.module(), wanted.name(), type).orElse(null);
        };
    }

    private static Optional<String> problem(WasmFunctionType wanted, @Nullable WasmFunctionType offered) {
        if (offered == null) {
            return Optional.of("");
        }
        return offered.equals(wanted)
                ? Optional.empty()
                : Optional.of(ModuleExports.signature(wanted) + " (it is " + ModuleExports.signature(offered) + ")");
    }

    private static String kernelNote(WasmImport wanted) {
        return wanted.module().equals(ExtismFunctions.MODULE) && ExtismFunctions.isOfKernel(wanted.name())
                ? " (Extism's hosts keep it for themselves)"
                : "";
    }

    private static Binding binding(
            WasmImport wanted, WasmFunctionType type, HostFunctions functions, String pluginName) {
        if (ServiceFunctions.has(wanted.module(), wanted.name())) {
            return host -> ServiceFunctions.bind(wanted, host.services(), host.extism());
        }
        String name = wanted.name();
        return switch (wanted.module()) {
            case WasiFunctions.MODULE -> host -> WasiFunctions.bind(name, host.wasi());
            case ExtismFunctions.MODULE -> host -> ExtismFunctions.bind(name, Objects.requireNonNull(host.extism()));
            default -> {
                ServiceGate<HostFunction> gate = functions.gate(wanted.module(), name, type);
                yield host -> new ImportedFunction(
                        wanted.module(), name, type, new BundleFunction(gate, wanted, pluginName, host.extism()));
            }
        };
    }

    /** Makes one function act for one guest. */
    @FunctionalInterface
    private interface Binding {
        ImportedFunction to(HostView host);
    }
}
