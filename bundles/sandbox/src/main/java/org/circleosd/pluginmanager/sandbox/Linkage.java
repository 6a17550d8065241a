package org.circleosd.pluginmanager.sandbox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.sandbox.module.ModuleInterface;

/**
 * The modules of a plugin and what each imports: from the host, and from each other by name. What another module of the
 * plugin exports comes before what the host has. Thread-safe.
 */
final class Linkage {

    /** The name of the module that is called. */
    static final String MAIN = "main";

    private final Map<String, Part> parts = new LinkedHashMap<>();

    private Linkage() {}

    /**
     * Finds what modules import.
     *
     * @param main the module that is called
     * @param linked the others by name
     * @param extism whether the plugin is initialised as Extism's hosts do it
     */
    static Linkage of(
            LinkedCode main,
            Map<String, LinkedCode> linked,
            HostFunctions functions,
            String pluginName,
            boolean extism) {
        Map<String, LinkedCode> all = new LinkedHashMap<>(linked);
        all.put(MAIN, main);
        Linkage linkage = new Linkage();
        all.forEach((name, code) -> linkage.parts.put(name, part(name, code, all, functions, pluginName, extism)));
        return linkage;
    }

    private static Part part(
            String name,
            LinkedCode code,
            Map<String, LinkedCode> all,
            HostFunctions functions,
            String pluginName,
            boolean extism) {
        Set<String> sources = new LinkedHashSet<>();
        List<WasmImport> ofModules = new ArrayList<>();
        List<WasmImport> ofHost = new ArrayList<>();
        for (WasmImport wanted : code.shape().imports()) {
            LinkedCode source = all.get(wanted.module());
            if (source != null && exports(source.shape(), wanted)) {
                sources.add(wanted.module());
                ofModules.add(wanted);
            } else {
                ofHost.add(wanted);
            }
        }
        ModuleExports exports = ModuleExports.of(code.shape());
        return new Part(
                code,
                sources,
                ofModules,
                HostImports.find(ofHost, functions, pluginName),
                extism && name.equals(MAIN) ? Initialization.ofExtism(exports) : Initialization.ofReactor(exports),
                CommandAbi.isCommand(exports));
    }

    private static boolean exports(ModuleInterface module, WasmImport wanted) {
        return module.exports().stream()
                .anyMatch(export -> export.name().equals(wanted.name())
                        && export.kind().equals(wanted.kind())
                        && Objects.equals(export.type(), wanted.type()));
    }

    /** Makes a guest; runs start functions and, once, what initialises each module, on the calling thread. */
    Guest link(HostView host, long memoryBytes) {
        return new Assembly(parts, host, memoryBytes).make();
    }

    /**
     * A module of the plugin.
     *
     * @param sources the modules that it imports from
     * @param ofModules what it imports from them
     * @param ofHost what it imports from the host
     * @param program whether it is made for one run: each module that imports from it gets one of its own
     */
    record Part(
            LinkedCode code,
            Set<String> sources,
            List<WasmImport> ofModules,
            HostImports ofHost,
            Initialization initialization,
            boolean program) {}
}
