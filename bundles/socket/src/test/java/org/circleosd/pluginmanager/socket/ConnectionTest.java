package org.circleosd.pluginmanager.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients do, as seen by clients. */
@Timeout(120)
class ConnectionTest {

    private static final int LIMIT = 1000;

    @TempDir
    Path directory;

    private final ScriptedHandler handler = new ScriptedHandler();

    @Test
    void pipelinedRequests_areAnsweredInOrder() throws Exception {
        int count = 20_000;
        try (TestServer server = start();
                Client client = server.connect();
                Client other = server.connect()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < count; i++) {
                all.append(i).append("\n");
            }
            CompletableFuture<Void> sent = sendInBackground(client, all.toString());
            for (int i = 0; i < count; i++) {
                assertThat(client.line()).isEqualTo(Integer.toString(i));
                if (i % 1000 == 0) {
                    assertThat(other.send("other\n").line()).isEqualTo("other");
                }
            }
            sent.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void slowRequest_holdsNeitherOthersNorEarlierReplies() throws Exception {
        try (TestServer server = start()) {
            List<Client> slow = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                slow.add(server.connect());
                slow.get(i).send("a\nb\nblock\nc\n");
            }
            for (Client client : slow) {
                assertThat(client.line()).isEqualTo("a");
                assertThat(client.line()).isEqualTo("b");
            }
            handler.awaitBlocked(20);
            try (Client other = server.connect()) {
                assertThat(other.send("other\n").line()).isEqualTo("other");
            }
            handler.letGo.countDown();
            for (Client client : slow) {
                assertThat(client.line()).isEqualTo("block");
                assertThat(client.line()).isEqualTo("c");
                client.close();
            }
        }
    }

    @Test
    void singleBytes_makeALine() throws Exception {
        try (TestServer server = start();
                Client client = server.connect()) {
            for (byte b : "  \nhello\r\n\n".getBytes(StandardCharsets.US_ASCII)) {
                client.send(new byte[] {b});
            }
            assertThat(client.line()).isEqualTo("hello");
        }
    }

    @Test
    void longLine_isAnsweredOnceAndTheNextIsRead() throws Exception {
        try (TestServer server = start();
                Client client = server.connect()) {
            String longest = "x".repeat(LIMIT);
            client.send(longest + "\n" + longest + "x\n" + "y".repeat(20 * LIMIT) + "\nnext\n");
            assertThat(client.line()).isEqualTo(longest);
            assertThat(client.line()).isEqualTo("too large " + LIMIT);
            assertThat(client.line()).isEqualTo("too large " + LIMIT);
            assertThat(client.line()).isEqualTo("next");
            // It is answered before its end.
            assertThat(client.send("z".repeat(LIMIT + 1)).line()).isEqualTo("too large " + LIMIT);
            assertThat(client.send("z\nlast\n").line()).isEqualTo("last");
        }
    }

    @Test
    void lineWithoutEnd_isAnsweredOnceAndTheConnectionCloses() throws Exception {
        try (TestServer server = start();
                Client client = server.connect()) {
            CompletableFuture<Void> sent = sendInBackground(client, "x".repeat(400 * LIMIT));
            assertThat(client.line()).isEqualTo("too large " + LIMIT);
            assertThat(sent.handle((done, failure) -> failure).get(30, TimeUnit.SECONDS))
                    .isNotNull();
        }
    }

    @Test
    void endOfInput_bringsTheRemainingRepliesThenTheEnd() throws Exception {
        try (TestServer server = start();
                Client client = server.connect()) {
            client.send("block\ntwo\nthree without end").endOfInput();
            handler.awaitBlocked(1);
            handler.letGo.countDown();
            assertThat(client.line()).isEqualTo("block");
            assertThat(client.line()).isEqualTo("two");
            assertThat(client.line()).isEqualTo("three without end");
            assertThat(client.line()).isNull();
        }
    }

    @Test
    void endOfInputAfterNothing_closes() throws Exception {
        try (TestServer server = start();
                Client client = server.connect()) {
            assertThat(client.send(" ").endOfInput().line()).isNull();
            assertThat(handler.handled).isEmpty();
        }
    }

    @Test
    void clientThatGoesInTheMiddle_leavesTheOthersAlone() throws Exception {
        try (TestServer server = start("max_connections", 1)) {
            try (Client gone = server.connect()) {
                gone.send("block\nstill done\n");
                handler.awaitBlocked(1);
            }
            handler.letGo.countDown();
            // There is room for one connection: the next is served when the first has left nothing behind.
            assertThat(askUntilServed(server, "next")).isEqualTo("next");
            assertThat(handler.handled).contains("block", "still done", "next");
        }
    }

    @Test
    void clientThatReadsLate_getsEveryReply() throws Exception {
        try (TestServer server = start("max_unsent_bytes", 10_000, "max_queued_bytes", 1_000);
                Client client = server.connect()) {
            int count = 2_000;
            CompletableFuture<Void> sent = sendInBackground(client, "big 3000\n".repeat(count) + "end\n");
            try (Client other = server.connect()) {
                assertThat(other.send("other\n").line()).isEqualTo("other");
            }
            for (int i = 0; i < count; i++) {
                assertThat(client.line()).hasSize(3000);
            }
            assertThat(client.line()).isEqualTo("end");
            sent.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void clientThatNeverReads_isStoppedThenDropped() throws Exception {
        try (TestServer server = start("max_unsent_bytes", 10_000, "max_queued_bytes", 1_000, "unsent_timeout_ms", 1);
                Client client = server.connect()) {
            CompletableFuture<Void> sent = sendInBackground(client, "big 3000\n".repeat(500_000));
            assertThat(sent.handle((done, failure) -> failure).get(60, TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(IOException.class);
            assertThat(handler.handled).hasSizeLessThan(2_000);
            try (Client other = server.connect()) {
                assertThat(other.send("other\n").line()).isEqualTo("other");
            }
        }
    }

    @Test
    void bigReply_arrivesWhole() throws Exception {
        try (TestServer server = start();
                Client client = server.connect()) {
            assertThat(client.send("big 20000000\nnext\n").line()).hasSize(20_000_000);
            assertThat(client.line()).isEqualTo("next");
        }
    }

    @Test
    void connectionAboveTheLargestNumber_isToldAndClosed() throws Exception {
        try (TestServer server = start("max_connections", 2);
                Client first = server.connect();
                Client second = server.connect()) {
            assertThat(first.send("first\n").line()).isEqualTo("first");
            assertThat(second.send("second\n").line()).isEqualTo("second");
            try (Client third = server.connect()) {
                assertThat(third.line())
                        .isEqualTo("{\"ok\":false,\"message\":\"request failed: there are 2 connections, no more are"
                                + " taken; try later\",\"data\":null,\"code\":\"busy\",\"retry\":true}");
                assertThat(third.line()).isNull();
            }
            first.channel().close();
            assertThat(askUntilServed(server, "room again")).isEqualTo("room again");
        }
    }

    @Test
    void requestsBeyondTheBudget_areAnsweredBusy() throws Exception {
        try (TestServer server = start("max_buffered_bytes", 1_300);
                Client client = server.connect();
                Client other = server.connect()) {
            // A partial line holds most of the budget.
            client.send("first\n" + "x".repeat(LIMIT - 1));
            assertThat(client.line()).isEqualTo("first");
            assertThat(other.send("y".repeat(LIMIT - 1) + "\n").line()).contains("\"code\":\"busy\"");
            assertThat(client.send("\n").line()).isEqualTo("x".repeat(LIMIT - 1));
            assertThat(other.send("small\n").line()).isEqualTo("small");
        }
    }

    @Test
    void twoThousandConnectionsAtOnce_areServed() throws Exception {
        List<Client> clients = new ArrayList<>();
        try (TestServer server = start("park_after_ms", 1)) {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 2_000; i++) {
                    if (round == 0) {
                        clients.add(server.connect());
                    }
                    clients.get(i).send(round + "-" + i + "\n");
                }
                for (int i = 0; i < 2_000; i++) {
                    assertThat(clients.get(i).line()).isEqualTo(round + "-" + i);
                }
            }
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    @Test
    void parkedConnection_isServedAgain() throws Exception {
        try (TestServer server = start("park_after_ms", 1);
                Client client = server.connect()) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.send("hello\n").line()).isEqualTo("hello");
                awaitParked(server, 1);
            }
            client.channel().close();
            awaitParked(server, 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"'',''", "65534,hello", "*,hello"})
    void otherUser_isServedOnlyIfNamed(String allowed, String reply) throws Exception {
        assumeThat((Integer) Files.getAttribute(directory, "unix:uid"))
                .as("needs root, to become another user")
                .isZero();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (TestServer server = start("mode", "0666", "allowed_uids", allowed)) {
            String[] command = {
                "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "nc", "-N", "-U", server.path.toString()
            };
            Process nobody = new ProcessBuilder(command)
                    .redirectInput(Files.writeString(directory.resolve("input"), "hello\n")
                            .toFile())
                    .start();
            assertThat(new String(nobody.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
                    .isEqualTo(reply);
            assertThat(nobody.waitFor(30, TimeUnit.SECONDS)).isTrue();
            try (Client root = server.connect()) {
                assertThat(root.send("root\n").line()).isEqualTo("root");
            }
        }
    }

    private TestServer start(Object... settings) {
        List<Object> all = new ArrayList<>(List.of("max_request_bytes", LIMIT));
        all.addAll(List.of(settings));
        return TestServer.start(directory.resolve("s"), handler, all.toArray());
    }

    private static CompletableFuture<Void> sendInBackground(Client client, String text) {
        return CompletableFuture.runAsync(() -> {
            try {
                client.send(text);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    /** Connects anew as long as the server has no room. */
    private static String askUntilServed(TestServer server, String line) throws IOException {
        while (true) {
            try (Client client = server.connect()) {
                String reply = client.send(line + "\n").line();
                if (reply != null && !reply.contains("\"busy\"")) {
                    return reply;
                }
            } catch (IOException e) {
                // Closed while the request was written.
                assertThat(e).hasMessageContaining("pipe");
            }
        }
    }

    private static void awaitParked(TestServer server, int count) {
        while (server.server.parkedConnections() != count) {
            Thread.onSpinWait();
        }
    }
}
