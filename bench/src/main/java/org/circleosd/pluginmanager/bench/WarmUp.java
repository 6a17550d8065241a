package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Prints what the first calls of a big plugin cost its client, without and with the manifest's {@code warmup}. */
final class WarmUp {

    /** How long the client goes on to call after its first call. */
    private static final double MORE_SECONDS = 20;

    private final Path project;
    private final Path dir;

    WarmUp(Path project, Path dir) {
        this.project = project;
        this.dir = dir;
    }

    void run() throws IOException {
        String sample = Files.readString(Dprint.JSON.sample(dir));
        Path state = dir.resolve("warm-up");
        System.out.println(
                "first calls of dprint-json in a daemon that was just started (its code comes from the store)");
        System.out.println(
                "                  load ms   rest CPU s   first ms   its CPU s   fastest ms of the next 20 s");
        attempt(state, "", plugin("fill", ""), sample); // leaves the code in the store
        attempt(state, "without warmup", plugin("plain", ""), sample);
        attempt(
                state,
                "with warmup",
                plugin("warm", ",\"warmup\":{\"func\":\"handle\",\"calls\":10000,\"payload\":" + sample + "}"),
                sample);
    }

    private Path plugin(String name, String more) throws IOException {
        Path folder = Files.createDirectories(dir.resolve("plugin-" + name));
        Files.writeString(
                folder.resolve("plugin.json"),
                "{\"name\":\"format\",\"plugin_type\":\"wasm\",\"limits\":{\"timeout_ms\":60000}" + more + "}");
        return Files.copy(project.resolve("bench/target/modules/format-json.wasm"), folder.resolve("plugin.wasm"));
    }

    /** Loads the plugin into a daemon that was just started, lets it rest, and calls it if there is a name to print. */
    private void attempt(Path state, String name, Path plugin, String sample) throws IOException {
        Path socket = dir.resolve("warm.sock");
        try (Server daemon = Server.daemon(project, state, socket);
                Client client = new Client(socket)) {
            client.awaitRest(daemon.pid());
            double before = ProcessFigures.of(daemon.pid()).cpuSeconds();
            double load = millis(client, "{\"action\":\"load\",\"path\":\"" + plugin + "\"}");
            client.awaitRest(daemon.pid());
            double rested = ProcessFigures.of(daemon.pid()).cpuSeconds();
            if (!name.isEmpty()) {
                String invoke =
                        "{\"action\":\"invoke\",\"id\":\"format\",\"func\":\"handle\",\"payload\":" + sample + "}";
                double first = millis(client, invoke);
                double cpu = ProcessFigures.of(daemon.pid()).cpuSeconds() - rested;
                System.out.printf(
                        Locale.ROOT,
                        "%-16s %8.0f %12.1f %10.0f %11.2f %30.0f%n",
                        name,
                        load,
                        rested - before,
                        first,
                        cpu,
                        least(client, invoke));
            }
            client.demand("{\"action\":\"unload\",\"id\":\"format\"}");
        }
    }

    private static double least(Client client, String invoke) throws IOException {
        double least = Double.MAX_VALUE;
        long end = System.nanoTime() + (long) (MORE_SECONDS * 1e9);
        while (System.nanoTime() < end) {
            least = Math.min(least, millis(client, invoke));
        }
        return least;
    }

    private static double millis(Client client, String request) throws IOException {
        long start = System.nanoTime();
        client.demand(request);
        return (System.nanoTime() - start) / 1e6;
    }
}
