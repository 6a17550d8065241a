package org.circleosd.pluginmanager.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.FunctionDescription;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.sandbox.module.ModuleInterface;
import org.circleosd.pluginmanager.sandbox.wasi.WasiFunctions;

/** Says whether a module can be linked, and how it is called. */
final class ModuleAdmission {

    private static final String EXTISM = "extism:host/env";

    private ModuleAdmission() {}

    /**
     * Checks that every import is one that this host has.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} that names all others, or {@link ErrorCode#INCOMPATIBLE}
     *     if they show that the module was made for another host
     */
    static void checkImports(ModuleInterface module) {
        List<String> unknown = new ArrayList<>();
        for (WasmImport wanted : module.imports()) {
            if (wanted.module().equals(EXTISM)) {
                throw new PluginException(
                        ErrorCode.INCOMPATIBLE,
                        "the module is made for an Extism host (it imports " + EXTISM
                                + "), which this version does not offer; expected a module that imports "
                                + WasiFunctions.MODULE + " only, or nothing");
            }
            unknownPart(wanted).ifPresent(unknown::add);
        }
        if (!unknown.isEmpty()) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID,
                    "the module imports what this host does not have: " + String.join(", ", unknown)
                            + "; expected functions of " + WasiFunctions.MODULE + " only");
        }
    }

    /**
     * Finds how the module is called; {@code abi} in the manifest overrides what its exports show.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} if the exports fit no convention,
     *     {@link ErrorCode#INCOMPATIBLE} if they do not fit the manifest
     */
    static CallingConvention convention(ModuleInterface module, PluginManifest manifest, int outputBytes) {
        ModuleExports exports = ModuleExports.of(module);
        CallingConvention convention = manifest.abi().isPresent()
                ? named(manifest.abi().get(), exports, manifest, outputBytes)
                : found(exports, manifest, outputBytes);
        boolean command = convention.abi().equals(CommandAbi.NAME);
        if (convention.functions().isEmpty() && !command) {
            boolean bytes = convention.abi().equals(BytesAbi.NAME);
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID,
                    "the module has no function to call: it exports " + exports.describe() + "; expected "
                            + (bytes ? BytesAbi.expected() : RawAbi.expected())
                            + (bytes ? "; \"abi\":\"raw\" in the manifest calls functions with numbers" : ""));
        }
        if (command && manifest.instances().equals(Optional.of(InstancePolicy.STATEFUL))) {
            throw new PluginException(
                    ErrorCode.INCOMPATIBLE,
                    "manifest /instances: a " + CommandAbi.NAME
                            + " module ends with each call and cannot be 'stateful'; leave the member out");
        }
        checkDescribed(convention, manifest, exports);
        return convention;
    }

    private static CallingConvention named(
            String abi, ModuleExports exports, PluginManifest manifest, int outputBytes) {
        return switch (abi) {
            case BytesAbi.NAME ->
                bytes(exports, manifest, outputBytes).orElseThrow(() -> mismatch(abi, BytesAbi.expected(), exports));
            case CommandAbi.NAME ->
                command(exports, manifest, outputBytes)
                        .orElseThrow(() -> mismatch(abi, "a function _start()", exports));
            case RawAbi.NAME -> new RawAbi(exports);
            default ->
                throw new PluginException(
                        ErrorCode.INCOMPATIBLE,
                        "manifest /abi: '" + abi + "' is not known for wasm; expected " + BytesAbi.NAME + ", "
                                + CommandAbi.NAME + " or " + RawAbi.NAME + ", or no abi");
        };
    }

    private static CallingConvention found(ModuleExports exports, PluginManifest manifest, int outputBytes) {
        return command(exports, manifest, outputBytes)
                .or(() -> bytes(exports, manifest, outputBytes))
                .orElseGet(() -> new RawAbi(exports));
    }

    private static Optional<CallingConvention> command(
            ModuleExports exports, PluginManifest manifest, int outputBytes) {
        if (!CommandAbi.isCommand(exports)) {
            return Optional.empty();
        }
        List<String> described = manifest.functions().stream()
                .map(FunctionDescription::name)
                .sorted()
                .toList();
        return Optional.of(new CommandAbi(manifest.name(), described, outputBytes));
    }

    private static Optional<CallingConvention> bytes(ModuleExports exports, PluginManifest manifest, int outputBytes) {
        boolean freeing = manifest.instances().equals(Optional.of(InstancePolicy.STATEFUL));
        return BytesAbi.find(exports, freeing, outputBytes).map(convention -> convention);
    }

    private static void checkDescribed(CallingConvention convention, PluginManifest manifest, ModuleExports exports) {
        List<String> missing = manifest.functions().stream()
                .map(FunctionDescription::name)
                .filter(name -> !convention.functions().contains(name))
                .toList();
        if (!missing.isEmpty()) {
            throw new PluginException(
                    ErrorCode.INCOMPATIBLE,
                    "manifest /functions: " + String.join(", ", missing) + " cannot be called by the ABI "
                            + convention.abi() + "; the module exports " + exports.describe());
        }
    }

    private static PluginException mismatch(String abi, String expected, ModuleExports exports) {
        return new PluginException(
                ErrorCode.INCOMPATIBLE,
                "manifest /abi: the module does not fit '" + abi + "': it exports " + exports.describe() + "; expected "
                        + expected);
    }

    private static Optional<String> unknownPart(WasmImport wanted) {
        String name = wanted.module() + "." + wanted.name();
        WasmFunctionType wantedType = wanted.type();
        if (wantedType == null) {
            return Optional.of(name + " (" + wanted.kind() + ")");
        }
        WasmFunctionType type = wanted.module().equals(WasiFunctions.MODULE) ? WasiFunctions.type(wanted.name()) : null;
        if (type == null) {
            return Optional.of(name);
        }
        return type.equals(wantedType)
                ? Optional.empty()
                : Optional.of(
                        name + ModuleExports.signature(wantedType) + " (it is " + ModuleExports.signature(type) + ")");
    }
}
