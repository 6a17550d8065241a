package org.circleosd.pluginmanager.sandbox;

import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.sandbox.wasi.ProcExit;
import org.circleosd.pluginmanager.sandbox.wasi.ResultStream;

/**
 * A program: its arguments are the plugin's name and the function, its stdin is the payload, its stdout the result, its
 * stderr the plugin's log. Exit code 0 means success.
 */
final class CommandAbi implements CallingConvention {

    static final String NAME = "wasi-command";
    static final String START = "_start";

    private final String pluginName;
    private final List<String> functions;
    private final int outputBytes;

    /**
     * Makes the convention of a program.
     *
     * @param functions the names that the manifest lists; empty: every name is passed on
     */
    CommandAbi(String pluginName, List<String> functions, int outputBytes) {
        this.pluginName = pluginName;
        this.functions = functions;
        this.outputBytes = outputBytes;
    }

    static boolean isCommand(ModuleExports exports) {
        return exports.hasFunction(
                START, type -> type.params().isEmpty() && type.results().isEmpty());
    }

    @Override
    public String abi() {
        return NAME;
    }

    @Override
    public List<String> functions() {
        return functions;
    }

    @Override
    public GuestCall prepare(Invocation invocation) {
        String function = invocation.function();
        if (!functions.isEmpty() && !functions.contains(function)) {
            throw CallingConvention.functionNotFound(function, functions);
        }
        if (function.indexOf('\0') >= 0) {
            throw new PluginException(
                    ErrorCode.BAD_REQUEST, "func holds a NUL character; it is passed on as a C string");
        }
        return guest -> run(guest, invocation);
    }

    private byte[] run(Guest guest, Invocation invocation) {
        ResultStream result = new ResultStream(outputBytes);
        guest.wasi().beCommand(pluginName, invocation.function(), invocation.payload(), result);
        int code = 0;
        try {
            guest.function(START).call();
        } catch (ProcExit exit) {
            code = exit.code();
        }
        if (code != 0) {
            throw failed(guest, code);
        }
        return result.toByteArray();
    }

    private static PluginException failed(Guest guest, int code) {
        guest.wasi().endCall();
        String reason = guest.wasi().log().lastLine();
        return new PluginException(
                ErrorCode.PLUGIN_ERROR,
                "the plugin exited with code " + Integer.toUnsignedString(code)
                        + (reason.isEmpty() ? " and printed nothing" : ": " + reason));
    }
}
