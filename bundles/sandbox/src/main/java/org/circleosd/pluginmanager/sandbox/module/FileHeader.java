package org.circleosd.pluginmanager.sandbox.module;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * The first eight bytes of a module.
 *
 * @see <a href="https://webassembly.github.io/spec/core/binary/modules.html#binary-module">module</a>
 */
final class FileHeader {

    static final int LENGTH = 8;

    private static final byte[] EXPECTED = {0, 'a', 's', 'm', 1, 0, 0, 0};
    private static final int COMPONENT_LAYER = 1;
    private static final int LOOKED_AT = 64;

    private FileHeader() {}

    /**
     * Accepts the header of a module.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} saying what the file seems to be instead, or
     *     {@link ErrorCode#INCOMPATIBLE} for a component
     */
    static void check(byte[] file) {
        int same = 0;
        while (same < LENGTH && same < file.length && file[same] == EXPECTED[same]) {
            same++;
        }
        if (same == LENGTH) {
            return;
        }
        if (file.length == 0) {
            throw invalid("the file is empty");
        }
        if (same == file.length) {
            throw invalid("the file is cut off after " + file.length + " bytes");
        }
        if (same < 4) {
            throw invalid("the file is " + guess(file));
        }
        if (file.length >= LENGTH && (file[6] | file[7] << 8) == COMPONENT_LAYER) {
            throw new PluginException(
                    ErrorCode.INCOMPATIBLE,
                    "the file is a wasm component; this host runs core modules. Build it for wasm32-wasip1 or "
                            + "wasm32-unknown-unknown instead");
        }
        throw invalid("the file has another version: "
                + HexFormat.ofDelimiter(" ").formatHex(file, 4, Math.min(LENGTH, file.length)));
    }

    private static String guess(byte[] file) {
        String start = new String(file, 0, Math.min(file.length, LOOKED_AT), StandardCharsets.ISO_8859_1);
        if (start.startsWith("\u007fELF")) {
            return "an ELF file; a native library needs the plugin_type 'native'";
        }
        if (start.stripLeading().startsWith("(")) {
            return "WebAssembly text; translate it with wat2wasm";
        }
        if (start.chars().allMatch(c -> (c >= ' ' && c < 0x7f) || c == '\n' || c == '\r' || c == '\t')) {
            return "a text file";
        }
        return "something else: it starts with "
                + HexFormat.ofDelimiter(" ").formatHex(file, 0, Math.min(4, file.length));
    }

    private static PluginException invalid(String found) {
        return new PluginException(
                ErrorCode.PLUGIN_INVALID,
                "not a valid WebAssembly module: expected a file that starts with "
                        + HexFormat.ofDelimiter(" ").formatHex(EXPECTED) + ", but " + found);
    }
}
