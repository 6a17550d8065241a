package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a measuring process printed: lines {@code name value}. */
record Figures(List<String> command, Map<String, Double> byName) {

    /** Runs the command, which is bounded in time by itself, to its end. */
    static Figures of(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Map<String, Double> byName = new HashMap<>();
        for (String line : process.inputReader(StandardCharsets.UTF_8).lines().toList()) {
            String[] words = line.split(" ", 2);
            byName.put(words[0], Double.valueOf(words[1]));
        }
        int status = process.onExit().join().exitValue();
        if (status != 0) {
            throw new IOException(String.join(" ", command) + " ended with status " + status);
        }
        return new Figures(command, byName);
    }

    /** Returns a figure; NaN if this peer has none of that name. */
    double get(String name) {
        return byName.getOrDefault(name, Double.NaN);
    }
}
