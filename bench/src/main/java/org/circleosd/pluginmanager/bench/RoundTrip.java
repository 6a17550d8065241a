package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Prints latency, throughput and server CPU of a round trip, beside a plain Java echo and a Node echo. */
final class RoundTrip {

    private static final List<Integer> CONNECTIONS = List.of(1, 8, 64);
    private static final String INVOKE =
            "{\"action\":\"invoke\",\"id\":\"hello\",\"func\":\"handle\",\"payload\":\"world\"}";
    private static final String LIST = "{\"action\":\"list\"}";

    private final double seconds;

    RoundTrip(double seconds) {
        this.seconds = seconds;
    }

    private record Peer(String name, Server server, String request, String expected) {}

    void run(Path project, Path dir) throws IOException {
        try (Server java = Server.javaEcho(dir.resolve("java.sock"));
                Server node = Server.nodeEcho(project, dir.resolve("node.sock"));
                Server daemon = Server.daemon(project, dir.resolve("state"), dir.resolve("pm.sock"))) {
            List<Peer> peers = List.of(
                    new Peer("java echo", java, INVOKE, "world"),
                    new Peer("node echo", node, INVOKE, "world"),
                    new Peer("invoke hello", daemon, INVOKE, "Hello, world!"),
                    new Peer("list", daemon, LIST, "\"ok\":true"));
            System.out.println("round trip       conns   p50 us   p99 us    req/s  cpu us/req  cpu ratio to java echo");
            for (int connections : CONNECTIONS) {
                double limit = 0;
                for (Peer peer : peers) {
                    ClosedLoop loop =
                            new ClosedLoop(peer.server.socket(), peer.server.pid(), peer.request, peer.expected);
                    ClosedLoop.Result result = loop.run(connections, seconds, seconds);
                    if (limit == 0) { // the first peer is the limit
                        limit = result.cpuMicros();
                    }
                    System.out.printf(
                            Locale.ROOT,
                            "%-16s %5d %8.0f %8.0f %8.0f %11.1f %9.2f%n",
                            peer.name,
                            connections,
                            result.percentile(0.5),
                            result.percentile(0.99),
                            result.perSecond(),
                            result.cpuMicros(),
                            result.cpuMicros() / limit);
                }
            }
            ProcessFigures figures = ProcessFigures.of(daemon.pid());
            System.out.printf(
                    Locale.ROOT,
                    "after the load: %d MiB resident, %d threads%n",
                    figures.residentBytes() >> 20,
                    figures.threads());
        }
    }
}
