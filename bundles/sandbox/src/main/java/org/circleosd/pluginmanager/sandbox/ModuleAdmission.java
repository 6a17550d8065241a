package org.circleosd.pluginmanager.sandbox;

import java.util.List;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.FunctionDescription;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.sandbox.module.ModuleInterface;

/** Says how a module is called. */
final class ModuleAdmission {

    private ModuleAdmission() {}

    /**
     * Finds how the module is called; {@code abi} in the manifest overrides what its exports show.
     *
     * @param extism whether the plugin asks for what only an Extism host has
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} if the exports fit no convention,
     *     {@link ErrorCode#INCOMPATIBLE} if they do not fit the manifest
     */
    static CallingConvention convention(
            ModuleInterface module, boolean extism, PluginManifest manifest, int outputBytes) {
        ModuleExports exports = ModuleExports.of(module);
        CallingConvention convention = manifest.abi().isPresent()
                ? named(manifest.abi().get(), exports, manifest, outputBytes)
                : found(extism, exports, manifest, outputBytes);
        boolean command = convention.abi().equals(CommandAbi.NAME);
        if (convention.functions().isEmpty() && !command) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID,
                    "the module has no function to call: it exports " + exports.describe() + "; expected "
                            + expected(convention.abi()));
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

    private static String expected(String abi) {
        return switch (abi) {
            case BytesAbi.NAME ->
                BytesAbi.expected() + "; \"abi\":\"raw\" in the manifest calls functions with numbers";
            case ExtismAbi.NAME -> ExtismAbi.expected();
            default -> RawAbi.expected();
        };
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
            case ExtismAbi.NAME -> new ExtismAbi(exports, outputBytes);
            default ->
                throw new PluginException(
                        ErrorCode.INCOMPATIBLE,
                        "manifest /abi: '" + abi + "' is not known for wasm; expected " + BytesAbi.NAME + ", "
                                + CommandAbi.NAME + ", " + ExtismAbi.NAME + " or " + RawAbi.NAME + ", or no abi");
        };
    }

    private static CallingConvention found(
            boolean extism, ModuleExports exports, PluginManifest manifest, int outputBytes) {
        if (extism) {
            return new ExtismAbi(exports, outputBytes);
        }
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
}
