package org.circleosd.pluginmanager.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.circleosd.pluginmanager.sandbox.extism.ExtismFunctions;
import org.circleosd.pluginmanager.sandbox.extism.ExtismGuest;
import org.circleosd.pluginmanager.sandbox.module.ModuleInterface;
import org.circleosd.pluginmanager.sandbox.wasi.ProcExit;

/**
 * The convention of Extism's plugin development kits: functions without parameters that ask the host for their input and
 * hand it their output. A result that is not 0 means failure.
 */
final class ExtismAbi implements CallingConvention {

    static final String NAME = "extism";

    private static final long[] NO_ARGS = {};

    private final List<String> functions;
    private final Set<String> names;
    private final int outputBytes;

    ExtismAbi(ModuleExports exports, int outputBytes) {
        List<String> callable =
                new ArrayList<>(exports.callable(ExtismAbi::isInvocable).keySet());
        if (CommandAbi.isCommand(exports)) {
            callable.add(0, CommandAbi.START);
        }
        this.functions = List.copyOf(callable);
        this.names = Set.copyOf(callable);
        this.outputBytes = outputBytes;
    }

    /** Says whether a module asks for what only an Extism host has. */
    static boolean isExtism(ModuleInterface module) {
        return module.imports().stream().anyMatch(wanted -> wanted.module().equals(ExtismFunctions.MODULE));
    }

    /** Says what a module of this convention exports. */
    static String expected() {
        return "functions () -> i32 or ()";
    }

    @Override
    public String abi() {
        return NAME;
    }

    @Override
    public List<String> functions() {
        return functions;
    }

    /** As in every Extism host. */
    @Override
    public InstancePolicy instances() {
        return InstancePolicy.STATEFUL;
    }

    @Override
    public GuestCall prepare(Invocation invocation) {
        if (!names.contains(invocation.function())) {
            throw CallingConvention.functionNotFound(invocation.function(), functions);
        }
        return guest -> run(guest, invocation);
    }

    private byte[] run(Guest guest, Invocation invocation) {
        ExtismGuest host = guest.extism();
        host.begin(invocation.payload());
        int code;
        try {
            code = call(guest, invocation.function());
        } catch (PluginException e) {
            // What the plugin says itself explains more than where it ended.
            throw e.code() == ErrorCode.CANCELLED ? e : ownError(host).orElse(e);
        }
        // From here on a failure is the plugin's answer: its state is what it wants it to be.
        guest.sound();
        Optional<PluginException> error = ownError(host);
        if (error.isPresent()) {
            throw error.get();
        }
        if (code != 0) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR, invocation.function() + " returned the non-zero exit code " + code);
        }
        return host.output(outputBytes);
    }

    private static int call(Guest guest, String function) {
        if (function.equals(CommandAbi.START)) {
            guest.spend();
        }
        try {
            long[] results = guest.function(function).call(NO_ARGS);
            return results.length == 0 ? 0 : (int) results[0];
        } catch (ProcExit exit) {
            // It left in the middle of a function: its stack was not taken down.
            guest.spend();
            return exit.code();
        }
    }

    private static Optional<PluginException> ownError(ExtismGuest host) {
        return host.error().map(text -> new PluginException(ErrorCode.PLUGIN_ERROR, text));
    }

    private static boolean isInvocable(WasmFunctionType type) {
        return type.params().isEmpty()
                && (type.results().isEmpty() || type.results().equals(List.of(WasmType.I32)));
    }
}
