package org.circleosd.pluginmanager.nativeloader.plugin;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.nativeloader.binary.LibrarySymbols;
import org.circleosd.pluginmanager.worker.abi.Abi;
import org.circleosd.pluginmanager.worker.abi.AbiLibrary;
import org.circleosd.pluginmanager.worker.abi.CallResult;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;
import org.circleosd.pluginmanager.worker.wire.LoadStage;

/**
 * Says in the words of the API what a library answered, in this process or in a worker, which is not believed more than
 * the library.
 *
 * @param file name of the library, for messages
 * @param symbols what it exports
 * @param outputBytes largest result
 */
public record AbiFailures(String file, LibrarySymbols symbols, long outputBytes) {

    private static final int MAX_LOADER_CHARS = 1000;

    /**
     * Takes the result of a call.
     *
     * @return the bytes that the function gave
     * @throws PluginException the failure that the status or the plugin's code stands for
     */
    public byte[] result(String function, CallResult result) {
        String quoted = "'" + function + "'";
        return switch (result.status()) {
            case RETURNED -> returned(quoted, result);
            case TOO_LARGE -> throw tooLarge(quoted, length(result.bytes()));
            case NO_POINTER ->
                throw new PluginException(
                        ErrorCode.PLUGIN_ERROR,
                        quoted + " broke the ABI: it gave a result of " + length(result.bytes()) + " bytes at NULL");
            case NO_FUNCTION -> throw noFunction(quoted);
            case NO_MEMORY ->
                throw new PluginException(ErrorCode.OUT_OF_MEMORY, "there is no memory left to call " + quoted);
        };
    }

    /**
     * Says why a library cannot be a plugin.
     *
     * @param message of the system's loader
     * @param path as the library was opened; the message has the file's name instead
     */
    public PluginException refused(LoadStage stage, int code, String message, String path) {
        return switch (stage) {
            case OPEN -> new PluginException(ErrorCode.PLUGIN_INVALID, file + ": " + loadersReason(message, path));
            case VERSION ->
                new PluginException(
                        ErrorCode.INCOMPATIBLE,
                        file + ": made for native ABI " + (code >>> 16) + "." + (code & 0xffff) + "; this host has "
                                + Abi.MAJOR + "." + Abi.MINOR);
            case ATTACH ->
                new PluginException(
                        code == Abi.WRONG_ABI ? ErrorCode.INCOMPATIBLE : ErrorCode.PLUGIN_ERROR,
                        file + ": refuses this host: " + AbiSymbol.ATTACH.symbol() + " answered " + Abi.shown(code));
            case ENTRY ->
                new PluginException(
                        ErrorCode.PLUGIN_INVALID,
                        file + ": exports no function of the name that the manifest's entry has; it exports "
                                + symbols.shown());
        };
    }

    private byte[] returned(String quoted, CallResult result) {
        int code = result.code();
        if (code == Abi.OK) {
            if (result.bytes().length > outputBytes) {
                throw tooLarge(quoted, Integer.toString(result.bytes().length));
            }
            return result.bytes();
        }
        String message = message(result.bytes());
        throw switch (code) {
            case Abi.NO_FUNCTION ->
                new PluginException(ErrorCode.FUNCTION_NOT_FOUND, "the plugin has no function " + quoted + message);
            case Abi.BAD_ARGUMENT ->
                new PluginException(ErrorCode.BAD_REQUEST, quoted + " does not take this payload" + message);
            case Abi.NO_MEMORY -> new PluginException(ErrorCode.OUT_OF_MEMORY, quoted + " ran out of memory" + message);
            case Abi.CANCELLED -> new PluginException(ErrorCode.CANCELLED, quoted + " was cancelled" + message);
            default ->
                new PluginException(ErrorCode.PLUGIN_ERROR, quoted + " answered code " + Abi.shown(code) + message);
        };
    }

    private PluginException tooLarge(String quoted, String length) {
        return new PluginException(
                ErrorCode.TOO_LARGE, quoted + " gave " + length + " bytes; its limit is " + outputBytes);
    }

    private PluginException noFunction(String quoted) {
        boolean level1 = AbiSymbol.LEVEL_1.stream().map(AbiSymbol::symbol).anyMatch(symbols::mayExport);
        String why = level1
                ? file + " exports no " + AbiSymbol.INVOKE.symbol() + ", so none of its functions can be called"
                : file + " has no such function";
        return new PluginException(
                ErrorCode.FUNCTION_NOT_FOUND, quoted + ": " + why + "; it exports " + symbols.shown());
    }

    private static String message(byte[] text) {
        if (text.length == 0) {
            return "";
        }
        boolean cut = text.length >= AbiLibrary.MAX_MESSAGE_BYTES;
        byte[] kept = cut ? Arrays.copyOf(text, AbiLibrary.MAX_MESSAGE_BYTES) : text;
        return ": " + new String(kept, StandardCharsets.UTF_8) + (cut ? "..." : "");
    }

    private static String length(byte[] decimal) {
        String text = new String(decimal, StandardCharsets.US_ASCII);
        return text.matches("[0-9]{1,20}") ? text : "an unknown number of";
    }

    private String loadersReason(String message, String path) {
        String named = message.replace(path, file);
        String bare = named.startsWith(file + ": ") ? named.substring(file.length() + 2) : named;
        if (bare.length() > MAX_LOADER_CHARS) {
            bare = bare.substring(0, MAX_LOADER_CHARS) + "...";
        }
        if (bare.contains("cannot open shared object file")) {
            return "a library that it needs was not found: " + bare
                    + ". The plugin runs from a private copy: libraries beside the plugin file are not seen";
        }
        if (bare.contains("failed to map segment")) {
            return bare + ". Is copy.dir on a file system mounted noexec? Set another one";
        }
        return bare;
    }
}
