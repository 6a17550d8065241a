package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody ends the daemon while it works. */
@Timeout(240)
class StopIT {

    /** The promise; a machine under load gets as much again. */
    private static final Duration PROMISE = Duration.ofSeconds(5);

    private static final int CLIENTS = 16;
    private static final int REQUESTS = 50;

    @TempDir
    private Path dir;

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void signalUnderLoad_answersWhatWasAcceptedAndExitsWith0(String signal) throws IOException {
        Home home = Home.in(Files.createDirectory(dir.resolve("home")));
        Path fifo = dir.resolve("fifo");
        Commands.run(new ProcessBuilder("mkfifo", fifo.toString()));
        TestPlugins.waitingKit(dir, home.config());
        List<Client> clients = new ArrayList<>();
        ProcessBuilder command = home.daemonCommand();
        // A shell that runs the tests in the background has its children ignore SIGINT, and so theirs.
        command.command().addAll(0, List.of(Commands.require("env"), "--default-signal=INT"));
        try (Daemon daemon = home.start(command);
                Client waiting = daemon.connect()) {
            assertThat(waiting.ask(Client.load(dir.resolve("kit.so")))).contains("loaded");
            assertThat(waiting.ask(Client.load(TestPlugins.example("hello.wasm"))))
                    .contains("loaded");
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(daemon.connect());
                clients.get(i).send((Survivor.CANARY + "\n").repeat(REQUESTS).strip());
                assertThat(clients.get(i).receive()).isEqualTo(Survivor.CANARY_REPLY);
            }
            waiting.send(Client.invoke("kit", "wait", fifo.toString()));
            long start;
            try (var inTheCall = Files.newOutputStream(fifo)) {
                start = System.nanoTime();
                daemon.signal(signal);
                for (Client client : clients) {
                    assertAnsweredToTheEnd(client);
                }
                inTheCall.write('x');
            }
            assertThat(waiting.receive()).contains("\"resp\":\"went on\"");
            assertThat(waiting.isAtEnd()).isTrue();
            assertThat(daemon.awaitExit()).isZero();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            System.out.println("SIG" + signal + " to the end: " + took.toMillis() + " ms");
            assertThat(took).isLessThan(PROMISE.multipliedBy(2));
            assertThat(daemon.moreOutput()).isEmpty();
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
        assertThat(home.socket()).doesNotExist();
        try (Daemon again = home.start()) {
            assertThat(again.ask(Survivor.CANARY)).isEqualTo(Survivor.CANARY_REPLY);
            assertThat(again.ask(Client.invoke("kit", "echo", "back"))).contains("\"resp\":\"back\"");
        }
    }

    /** Every request that was read gets its result, or is told that the daemon goes down; then comes the end. */
    private static void assertAnsweredToTheEnd(Client client) throws IOException {
        int answers = 1;
        boolean refused = false;
        while (!client.isAtEnd()) {
            String reply = client.receive();
            answers++;
            JsonNode json = Client.json(reply);
            if (json.get("ok").booleanValue()) {
                assertThat(refused).as("a result behind a refusal: %s", reply).isFalse();
                assertThat(reply).isEqualTo(Survivor.CANARY_REPLY);
            } else {
                refused = true;
                assertThat(json.get("code").textValue()).isEqualTo("shutting_down");
            }
        }
        assertThat(answers).isLessThanOrEqualTo(REQUESTS);
    }
}
