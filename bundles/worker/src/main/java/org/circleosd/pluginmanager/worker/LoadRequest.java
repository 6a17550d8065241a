package org.circleosd.pluginmanager.worker;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.circleosd.pluginmanager.worker.wire.Body;
import org.circleosd.pluginmanager.worker.wire.BrokenFrameException;

/**
 * The body of {@link org.circleosd.pluginmanager.worker.wire.FrameKind#LOAD} after the plugin's number.
 *
 * @param path of the library
 * @param entry name of the init function; empty: {@code plugin_init}
 * @param symbols mask of {@link org.circleosd.pluginmanager.worker.wire.AbiSymbol}
 * @param outputBytes largest result
 * @param timeoutMillis for the whole load
 * @param config what the plugin can ask for
 * @param environment what it sees beside what the process has
 */
record LoadRequest(
        String path,
        String entry,
        int symbols,
        long outputBytes,
        int timeoutMillis,
        Map<String, byte[]> config,
        Map<String, String> environment) {

    static LoadRequest read(Body body) throws BrokenFrameException {
        String path = body.text();
        String entry = body.text();
        int symbols = body.u32();
        long outputBytes = body.u64();
        int timeoutMillis = body.u32();
        Map<String, byte[]> config = new HashMap<>();
        for (int left = body.u32(); left != 0; left--) {
            config.put(body.text(), body.bytes());
        }
        Map<String, String> environment = new LinkedHashMap<>();
        for (int left = body.u32(); left != 0; left--) {
            environment.put(body.text(), body.text());
        }
        return new LoadRequest(path, entry, symbols, outputBytes, timeoutMillis, config, environment);
    }
}
