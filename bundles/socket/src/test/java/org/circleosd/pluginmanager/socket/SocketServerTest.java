package org.circleosd.pluginmanager.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.circleosd.pluginmanager.api.Caller;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the component comes, goes and outlives its request handler. */
@Timeout(60)
class SocketServerTest {

    @TempDir
    Path directory;

    private final ScriptedHandler handler = new ScriptedHandler();

    @Test
    void request_isAnsweredWithItsCallerKnown() throws Exception {
        try (TestServer server = TestServer.start(directory.resolve("s"), handler);
                Client client = server.connect()) {
            assertThat(client.send("one\n").line()).isEqualTo("one");
            assertThat(client.send("two\r\n").line()).isEqualTo("two");
            long uid = ((Number) Files.getAttribute(server.path, "unix:uid")).longValue();
            assertThat(handler.callers)
                    .containsOnly(
                            new Caller("socket", uid, ProcessHandle.current().pid()));
        }
    }

    @Test
    void listeningWithAHandler_isToldByACondition() {
        try (TestServer server = TestServer.start(directory.resolve("s"))) {
            assertThat(server.conditions).isEmpty();
            server.server.bindHandler(handler);
            assertThat(server.conditions.get(SocketServer.LISTENING))
                    .isEqualTo(Map.of("osgi.condition.id", SocketServer.LISTENING, "path", server.path.toString()));
            server.stop();
            assertThat(server.conditions).isEmpty();
            assertThat(server.path).doesNotExist();
        }
    }

    @Test
    void unusablePath_isToldByACondition() throws Exception {
        Path file = Files.writeString(directory.resolve("s"), "precious");
        try (TestServer server = TestServer.start(file, handler)) {
            assertThat(server.conditions).containsOnlyKeys(SocketServer.FAILED);
            assertThat(server.failure()).contains(file.toString()).contains("not a socket");
            server.stop();
            assertThat(server.conditions).isEmpty();
        }
        assertThat(file).hasContent("precious");
    }

    @Test
    void badSetting_isToldByACondition() {
        try (TestServer server = TestServer.start(directory.resolve("s"), handler, "backlog", 0)) {
            assertThat(server.failure()).contains("backlog is 0").contains("1 to 65535");
            assertThat(server.path).doesNotExist();
        }
    }

    @Test
    void requestsWithoutAHandler_waitForTheNextOne() throws Exception {
        try (TestServer server = TestServer.start(directory.resolve("s"), handler, "handler_wait_ms", 30_000);
                Client client = server.connect()) {
            assertThat(client.send("before\n").line()).isEqualTo("before");
            server.server.unbindHandler(handler);
            client.send("while\n");
            ScriptedHandler next = new ScriptedHandler();
            server.server.bindHandler(next);
            assertThat(client.line()).isEqualTo("while");
            assertThat(next.handled).containsExactly("while");
            assertThat(client.send("after\n").line()).isEqualTo("after");
        }
    }

    @Test
    void handlerThatLeaves_endsTheRequestsThatItHas() throws Exception {
        try (TestServer server = TestServer.start(directory.resolve("s"), handler);
                Client client = server.connect()) {
            client.send("block\n");
            handler.awaitBlocked(1);
            CompletableFuture<Void> unbound = CompletableFuture.runAsync(() -> server.server.unbindHandler(handler));
            ScriptedHandler next = new ScriptedHandler();
            server.server.bindHandler(next);
            assertThat(unbound).isNotDone();
            handler.letGo.countDown();
            unbound.get(30, TimeUnit.SECONDS);
            assertThat(client.line()).isEqualTo("block");
            assertThat(client.send("next\n").line()).isEqualTo("next");
            assertThat(next.handled).containsExactly("next");
        }
    }

    @Test
    void handlerThatStaysAway_meansOneUnavailableReplyForEachRequest() throws Exception {
        try (TestServer server =
                        TestServer.start(directory.resolve("s"), "handler_wait_ms", 1, "max_request_bytes", 64);
                Client client = server.connect()) {
            client.send("one\n" + "x".repeat(100) + "\nthree\n").endOfInput();
            for (int i = 0; i < 3; i++) {
                assertThat(client.line())
                        .isEqualTo(
                                "{\"ok\":false,\"message\":\"request failed: the protocol is being replaced and was"
                                        + " not back after 1 ms; try again\",\"data\":null,\"code\":\"unavailable\",\"retry\":true}");
            }
            assertThat(client.line()).isNull();
        }
    }

    @Test
    void handlerThatFails_costsOneReplyNotTheConnection() throws Exception {
        try (TestServer server = TestServer.start(directory.resolve("s"), handler);
                Client client = server.connect()) {
            assertThat(client.send("defect\n").line())
                    .isEqualTo("{\"ok\":false,\"message\":\"request failed: defect of the daemon, see its log\","
                            + "\"data\":null,\"code\":\"internal\"}");
            assertThat(client.send("refuse\n").line())
                    .isEqualTo("{\"ok\":false,\"message\":\"request failed: said \\\"no\\\"\",\"data\":null,"
                            + "\"code\":\"unavailable\",\"retry\":true}");
            assertThat(client.send("interrupt\n").line()).isEqualTo("interrupt");
            assertThat(client.send("fine\n").line()).isEqualTo("fine");
        }
    }

    @Test
    void stop_letsRequestsInTheMiddleEndAndRefusesThoseBehind() throws Exception {
        try (TestServer server = TestServer.start(directory.resolve("s"), handler);
                Client client = server.connect();
                Client idle = server.connect()) {
            assertThat(idle.send("hello\n").line()).isEqualTo("hello");
            client.send("block\nbehind\n");
            handler.awaitBlocked(1);
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::stop);
            assertThat(idle.line()).isNull();
            assertThat(server.path).doesNotExist();
            assertThat(stopped).isNotDone();
            handler.letGo.countDown();
            assertThat(client.line()).isEqualTo("block");
            assertThat(client.line()).contains("\"code\":\"shutting_down\"");
            assertThat(client.line()).isNull();
            stopped.get(30, TimeUnit.SECONDS);
            assertThat(handler.handled).doesNotContain("behind");
        }
    }

    @Test
    void stop_isBounded() throws Exception {
        try (TestServer server = TestServer.start(directory.resolve("s"), handler, "stop_ms", 50);
                Client client = server.connect()) {
            client.send("block\n");
            handler.awaitBlocked(1);
            server.stop();
            assertThat(client.line()).isNull();
            handler.letGo.countDown();
        }
    }

    @Test
    void stopCarriedByARequest_doesNotWaitForThatRequest() throws Exception {
        AtomicReference<TestServer> server = new AtomicReference<>();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        ScriptedHandler stopping = new ScriptedHandler();
        try (TestServer started = TestServer.start(
                directory.resolve("s"),
                new org.circleosd.pluginmanager.api.action.RequestHandler() {
                    @Override
                    public void handle(byte[] line, Caller caller, Replies replies) {
                        server.get().stop();
                        interrupted.complete(Thread.currentThread().isInterrupted());
                    }

                    @Override
                    public byte[] tooLarge(int limitBytes) {
                        return stopping.tooLarge(limitBytes);
                    }
                },
                "stop_ms",
                600_000)) {
            server.set(started);
            try (Client client = started.connect()) {
                assertThat(client.send("stop\n").line()).isNull();
            }
            assertThat(interrupted.get(30, TimeUnit.SECONDS)).isFalse();
        }
    }

    @Test
    void threadsAndDescriptors_areBackAtTheEnd() throws Exception {
        round(); // Loads what is loaded once.
        long before = descriptors();
        int rounds = 10;
        for (int i = 0; i < rounds; i++) {
            round();
        }
        // The machine may open a file or two of its own meanwhile; a leak would leave one a round.
        assertThat(descriptors()).isLessThan(before + rounds / 2);
    }

    private void round() throws Exception {
        List<Thread> started;
        try (TestServer server = TestServer.start(directory.resolve("s"), handler, "park_after_ms", 1)) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(server.connect());
                assertThat(clients.get(i).send("hello\n").line()).isEqualTo("hello");
            }
            for (int i = 0; i < 10; i++) {
                clients.get(i).close();
            }
            started = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("socket-"))
                    .toList();
            assertThat(started).hasSizeBetween(3, 10);
            server.stop();
            for (int i = 10; i < 20; i++) {
                assertThat(clients.get(i).line()).isNull();
                clients.get(i).close();
            }
        }
        for (Thread thread : started) {
            thread.join(30_000);
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    private static long descriptors() throws Exception {
        try (var list = Files.list(Path.of("/dev/fd"))) {
            return list.count();
        }
    }
}
