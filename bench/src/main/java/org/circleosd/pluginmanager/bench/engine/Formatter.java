package org.circleosd.pluginmanager.bench.engine;

import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmInstance;

/** A plugin of dprint, by version 4 of its ABI: one buffer of the guest is shared for all that goes in and out. */
final class Formatter {

    private static final long CONFIG_ID = 1;
    private static final int CHANGED = 1;

    private final WasmInstance instance;
    private final GuestMemory memory;
    private final WasmFunction clear;
    private final WasmFunction shared;
    private final WasmFunction setPath;
    private final WasmFunction format;
    private final WasmFunction text;

    Formatter(WasmInstance instance) {
        this.instance = instance;
        this.memory = instance.memory().orElseThrow();
        this.clear = function("clear_shared_bytes");
        this.shared = function("get_shared_bytes_ptr");
        this.setPath = function("set_file_path");
        this.format = function("format");
        this.text = function("get_formatted_text");
        put("{\"plugin\":{},\"global\":{}}".getBytes(StandardCharsets.UTF_8));
        function("register_config").call(CONFIG_ID);
    }

    private WasmFunction function(String name) {
        return instance.function(name).orElseThrow();
    }

    private void put(byte[] bytes) {
        int address = (int) clear.call(bytes.length)[0];
        memory.write(address, bytes, 0, bytes.length);
    }

    /** Formats a text that is not formatted yet. */
    byte[] format(String path, byte[] source) {
        put(path.getBytes(StandardCharsets.UTF_8));
        setPath.call();
        put(source);
        int outcome = (int) format.call(CONFIG_ID)[0];
        if (outcome != CHANGED) {
            throw new IllegalStateException("format answered " + outcome);
        }
        int length = (int) text.call()[0];
        return memory.read((int) shared.call()[0], length);
    }
}
