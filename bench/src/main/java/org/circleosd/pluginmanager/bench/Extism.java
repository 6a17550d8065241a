package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Prints what calls of an Extism plugin cost in the daemon and in a Node server with Extism's own SDK. */
final class Extism {

    private static final List<Integer> CONNECTIONS = List.of(1, 8, 64);
    private static final String INVOKE =
            "{\"action\":\"invoke\",\"id\":\"count-vowels\",\"func\":\"count_vowels\",\"payload\":\"hello world\"}";
    private static final String EXPECTED = "{\\\"count\\\":3,";

    private final Path project;
    private final Path dir;
    private final double seconds;

    Extism(Path project, Path dir, double seconds) {
        this.project = project;
        this.dir = dir;
        this.seconds = seconds;
    }

    void run() throws IOException {
        Path module =
                Files.copy(project.resolve("bench/target/modules/count_vowels.wasm"), dir.resolve("count_vowels.wasm"));
        Path manifest = Files.writeString(
                dir.resolve("count_vowels.json"), "{\"wasm\":[{\"path\":\"count_vowels.wasm\",\"name\":\"main\"}]}");
        System.out.println(
                "count_vowels, 11 bytes     conns   p50 us   p99 us    req/s  cpu us/req   calls per CPU s, ratio to node");
        try (Server node = Server.start(
                        dir.resolve("extism.sock"),
                        List.of(
                                "env",
                                "NODE_PATH=" + project.resolve("bench/target/node_modules"),
                                "node",
                                project.resolve("bench/node/extism.js").toString(),
                                dir.resolve("extism.sock").toString(),
                                module.toString()));
                Server daemon = Server.daemon(project, dir.resolve("extism"), dir.resolve("pm-extism.sock"));
                Client client = new Client(daemon.socket())) {
            client.demand("{\"action\":\"load\",\"path\":\"" + module + "\",\"manifest\":\"" + manifest
                    + "\",\"as\":\"count-vowels\"}");
            client.awaitRest(daemon.pid());
            for (int connections : CONNECTIONS) {
                ClosedLoop.Result peer = measure(node, connections);
                ClosedLoop.Result ours = measure(daemon, connections);
                print("node @extism/extism", connections, peer, 1);
                print("plugin manager", connections, ours, peer.cpuMicros() / ours.cpuMicros());
            }
        }
    }

    private ClosedLoop.Result measure(Server server, int connections) throws IOException {
        return new ClosedLoop(server.socket(), server.pid(), INVOKE, EXPECTED).run(connections, seconds, seconds);
    }

    private static void print(String name, int connections, ClosedLoop.Result result, double ratio) {
        System.out.printf(
                Locale.ROOT,
                "%-24s %7d %8.0f %8.0f %8.0f %11.1f %17.0f %15.2f%n",
                name,
                connections,
                result.percentile(0.5),
                result.percentile(0.99),
                result.perSecond(),
                result.cpuMicros(),
                1e6 / result.cpuMicros(),
                ratio);
    }
}
