package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A daemon that is badly treated, with a plugin in it that must go on answering, and a client that must stay connected.
 */
final class Survivor implements AutoCloseable {

    static final String CANARY = Client.invoke("hello", "handle", "canary");
    static final String CANARY_REPLY = "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"Hello, canary!\"}}";

    private static final Duration BOUND = Duration.ofSeconds(60);
    /** The JVM opens jars and starts compiler threads when it likes; a leak is a multiple of what a test does. */
    private static final int SLACK = 12;

    private final Daemon daemon;
    private final Client client;
    private final long threads;
    private long files;
    private String list;

    private Survivor(Daemon daemon, Client client) throws IOException {
        this.daemon = daemon;
        this.client = client;
        this.list = daemon.settledList();
        this.threads = daemon.count("task");
        this.files = daemon.count("fd");
    }

    static Survivor start(Home home) throws IOException {
        Daemon daemon = home.start();
        Client client = daemon.connect();
        assertThat(client.ask(Client.load(TestPlugins.example("hello.wasm")))).contains("\"message\":\"loaded\"");
        assertThat(client.ask(CANARY)).isEqualTo(CANARY_REPLY);
        return new Survivor(daemon, client);
    }

    static Survivor start(Path dir) throws IOException {
        return start(Home.in(dir));
    }

    Daemon daemon() {
        return daemon;
    }

    /** The client that stays connected from the first to the last test. */
    Client client() {
        return client;
    }

    /** Takes what is loaded and open now for how it has to stay. */
    void settle() throws IOException {
        list = daemon.settledList();
        files = Math.max(files, daemon.count("fd"));
    }

    /** Nothing happened: the canary answers, the same plugins are there, files and threads are given back. */
    void assertUnhurt() throws IOException {
        assertUnhurt(SLACK);
    }

    /**
     * As above.
     *
     * @param moreThreads how many may stay for a while for those that come next
     */
    void assertUnhurt(int moreThreads) throws IOException {
        assertUnhurtBeside(0, moreThreads);
    }

    /** As above, while so many other connections are open. */
    void assertUnhurtBeside(int connections, int moreThreads) throws IOException {
        assertThat(client.ask(CANARY)).isEqualTo(CANARY_REPLY);
        assertThat(client.ask(Daemon.LIST)).isEqualTo(list);
        Poll.until(BOUND, "files are closed", () -> daemon.count("fd") <= files + connections + SLACK);
        Poll.until(BOUND, "threads have ended", () -> daemon.count("task") <= threads + moreThreads);
    }

    @Override
    public void close() throws IOException {
        client.close();
        assertThat(daemon.terminate()).isZero();
    }
}
