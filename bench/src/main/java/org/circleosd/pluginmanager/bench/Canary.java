package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** Calls a plugin about every millisecond, on a thread and a connection of its own, until it is closed. */
final class Canary implements AutoCloseable {

    private static final long PAUSE_NANOS = 1_000_000;

    private final Client client;
    private final String request;
    private final String expected;
    private final Thread thread;
    private final double[] micros = new double[ClosedLoop.MAX_SAMPLES];
    private int calls;
    private int failures;
    private String firstFailure = "";
    private volatile boolean closed;

    Canary(Path socket, String request, String expected) throws IOException {
        client = new Client(socket);
        this.request = request;
        this.expected = expected;
        thread = new Thread(this::call, "canary");
        thread.start();
    }

    private void call() {
        while (!closed && calls < micros.length) {
            long start = System.nanoTime();
            String answer = answer();
            micros[calls++] = (System.nanoTime() - start) / 1e3;
            if (!answer.contains(expected) && failures++ == 0) {
                firstFailure = answer;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private String answer() {
        try {
            return client.ask(request);
        } catch (IOException e) {
            closed = true;
            return e.toString();
        }
    }

    /** Ends the calls; what was seen may be read then. */
    @Override
    public void close() throws IOException {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }

    ClosedLoop.Result result() {
        return ClosedLoop.Result.of(micros, calls, Double.NaN, Double.NaN);
    }

    /** Returns how many answers were not the expected one. */
    int failures() {
        return failures;
    }

    /** Returns the first of those, or nothing. */
    String firstFailure() {
        return firstFailure;
    }
}
