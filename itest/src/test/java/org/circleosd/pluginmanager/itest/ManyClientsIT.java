package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients come in crowds. */
@Timeout(180)
class ManyClientsIT {

    private static final int CROWD = 2_000;
    private static final int IDLE = 10_000;
    /** Files that each process needs beside its connections. */
    private static final int OTHER_FILES = 500;
    /** The socket's {@code threads}: what a crowd may add, and a few of the JVM's own. */
    private static final int POOL = 64 + 12;

    @TempDir
    private static Path dir;

    private static Survivor survivor;

    @BeforeAll
    static void start() throws IOException {
        survivor = Survivor.start(dir);
    }

    @AfterEach
    void assertUnhurt() throws IOException {
        survivor.assertUnhurt(POOL);
    }

    @AfterAll
    static void stop() throws IOException {
        survivor.close();
    }

    @Test
    void twoThousandAtOnce_areAllAnswered() throws IOException {
        List<Client> clients = connect(CROWD);
        try {
            for (Client client : clients) {
                client.send(Survivor.CANARY);
            }
            for (Client client : clients) {
                assertThat(client.receive()).isEqualTo(Survivor.CANARY_REPLY);
            }
        } finally {
            closeAll(clients);
        }
    }

    @Test
    void tenThousandThatAreSilent_costNoThreadEach() throws IOException {
        List<Client> clients = connect(connectionsThatFit());
        try {
            Poll.until(
                    Duration.ofSeconds(60),
                    "all are accepted",
                    () -> survivor.daemon().count("fd") > clients.size());
            System.out.println(
                    clients.size() + " idle connections, " + survivor.daemon().count("task") + " threads");
            survivor.assertUnhurtBeside(clients.size(), POOL);
            for (Client client : List.of(clients.get(0), clients.get(clients.size() - 1))) {
                assertThat(client.ask(Survivor.CANARY)).isEqualTo(Survivor.CANARY_REPLY);
            }
        } finally {
            closeAll(clients);
        }
    }

    @Test
    void tenThousandThatComeAndGo_leaveNothingBehind() throws IOException {
        for (int i = 0; i < 10_000; i++) {
            survivor.daemon().connect().close();
        }
    }

    @Test
    void clientThatVanishesWithRequestsWaiting_leavesNothingBehind() throws IOException {
        for (int i = 0; i < 20; i++) {
            try (Client vanishing = survivor.daemon().connect()) {
                vanishing.send((Survivor.CANARY + "\n").repeat(200) + "{\"action\":\"inv");
            }
        }
    }

    private static List<Client> connect(int count) throws IOException {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(survivor.daemon().connect());
        }
        return clients;
    }

    private static void closeAll(List<Client> clients) throws IOException {
        for (Client client : clients) {
            client.close();
        }
    }

    /** The JVM raises its limit of open files to the hard one; the daemon's is the same. */
    private static int connectionsThatFit() throws IOException {
        String limit = Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .findFirst()
                .orElseThrow()
                .split("\\s+")[4];
        int fit = limit.equals("unlimited") ? IDLE : Math.min(IDLE, Integer.parseInt(limit) - OTHER_FILES);
        assertThat(fit)
                .as("ulimit -Hn is %s; at least 2500 open files are needed", limit)
                .isGreaterThanOrEqualTo(2_000);
        return fit;
    }
}
