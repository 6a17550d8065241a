package org.circleosd.pluginmanager.nativeloader;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.jspecify.annotations.Nullable;

/** What the host does for one plugin that asks through its host table. Called from any thread of the plugin. */
final class HostServices {

    private final PluginLog log;
    private final Map<String, String> config;
    private volatile long deadline;
    private volatile boolean running;

    HostServices(PluginLog log, Map<String, String> config) {
        this.log = log;
        this.config = config;
    }

    /** Notes that a call runs until a {@link System#nanoTime}. */
    void beginCall(long until) {
        deadline = until;
        running = true;
    }

    void endCall() {
        running = false;
    }

    boolean isCallLate() {
        return running && System.nanoTime() - deadline > 0;
    }

    void log(int level, String text) {
        log.append("[" + levelName(level) + "] " + text);
    }

    byte @Nullable [] config(String key) {
        String value = config.get(key);
        return value == null ? null : value.getBytes(StandardCharsets.UTF_8);
    }

    private static String levelName(int level) {
        return switch (level) {
            case 0 -> "error";
            case 1 -> "warn";
            case 2 -> "info";
            case 3 -> "debug";
            default -> "level " + level;
        };
    }
}
