package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Clients that call at a fixed rate, whatever the answers take, each over one connection, until closed. A call's latency
 * counts from when it was due, so that those that wait behind a late one are late too. Each answer is checked.
 */
final class SteadyLoad implements AutoCloseable {

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Path socket;
    private final long periodNanos;
    private final List<Caller> callers = new ArrayList<>();
    private volatile boolean closed;

    /** What went wrong since the load began. */
    record Damage(long failed, long wrong, long lost, String first) {

        static final Damage NONE = new Damage(0, 0, 0, "");

        Damage plus(Damage other) {
            return new Damage(
                    failed + other.failed,
                    wrong + other.wrong,
                    lost + other.lost,
                    first.isEmpty() ? other.first : first);
        }

        Damage minus(Damage before) {
            return new Damage(
                    failed - before.failed, wrong - before.wrong, lost - before.lost, equals(before) ? "" : first);
        }
    }

    /** Makes the calls of one connection; the next one may depend on the answer to the one before. */
    interface Script {

        /** Returns the next request. */
        String next();

        /** Says whether that was the right answer to it. */
        boolean isRight(String answer);

        /** Notes that nobody knows whether the last request was done. */
        void lost();
    }

    /** Makes the script of a connection. */
    interface Scripts {
        Script of(int connection);
    }

    SteadyLoad(Path socket, int connections, int perSecond, Scripts scripts) throws IOException {
        this.socket = socket;
        periodNanos = TimeUnit.SECONDS.toNanos(connections) / perSecond;
        long start = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            callers.add(new Caller(scripts.of(i), start + i * periodNanos / connections));
        }
        callers.forEach(caller -> caller.thread.start());
    }

    Damage damage() {
        return callers.stream().map(Caller::damage).reduce(Damage.NONE, Damage::plus);
    }

    /** Returns once all calls that were due before now are answered. */
    void awaitAnswers() throws IOException {
        long now = System.nanoTime();
        long end = now + TimeUnit.MINUTES.toNanos(2);
        while (!callers.stream().allMatch(caller -> caller.dueNanos - now > 0)) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("a call is not answered for two minutes");
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    /** Returns the latencies in milliseconds, sorted, of the calls that were due in this time. */
    double[] millis(long fromNanos, long toNanos) {
        return callers.stream()
                .flatMapToDouble(caller -> Arrays.stream(caller.millis(fromNanos, toNanos)))
                .sorted()
                .toArray();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        try {
            for (Caller caller : callers) {
                caller.thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** One connection, and the thread that calls over it. */
    private final class Caller {

        final Thread thread = new Thread(this::run, "caller");
        private final Script script;
        /** When the call that is not yet answered was due. */
        volatile long dueNanos;

        /** All below: guarded by this. */
        private long[] due = new long[1 << 12];

        private long[] took = new long[1 << 12];
        private int calls;
        private Damage damage = Damage.NONE;

        Caller(Script script, long firstNanos) {
            this.script = script;
            dueNanos = firstNanos;
        }

        private void run() {
            @Nullable Client client = null;
            while (!closed) {
                long due = dueNanos;
                LockSupport.parkNanos(due - System.nanoTime());
                if (System.nanoTime() - due < 0) {
                    continue;
                }
                String request = script.next();
                try {
                    if (client == null) {
                        client = new Client(socket);
                    }
                    String answer = client.ask(request);
                    answered(request, answer, script.isRight(answer));
                } catch (IOException e) {
                    script.lost();
                    harmed(new Damage(0, 0, 1, request + " -> " + e));
                    close(client);
                    client = null;
                    LockSupport.parkNanos(RETRY_NANOS);
                }
                dueNanos = due + periodNanos;
            }
            close(client);
        }

        private synchronized void answered(String request, String answer, boolean right) {
            if (calls == due.length) {
                due = Arrays.copyOf(due, 2 * calls);
                took = Arrays.copyOf(took, 2 * calls);
            }
            due[calls] = dueNanos;
            took[calls++] = System.nanoTime() - dueNanos;
            if (!right) {
                boolean ok = answer.startsWith("{\"ok\":true");
                harmed(new Damage(ok ? 0 : 1, ok ? 1 : 0, 0, request + " -> " + answer));
            }
        }

        private synchronized void harmed(Damage more) {
            damage = damage.plus(more);
        }

        synchronized Damage damage() {
            return damage;
        }

        synchronized double[] millis(long fromNanos, long toNanos) {
            double[] found = new double[calls];
            int count = 0;
            for (int i = calls - 1; i >= 0 && due[i] - fromNanos >= 0; i--) {
                if (due[i] - toNanos <= 0) {
                    found[count++] = took[i] / 1e6;
                }
            }
            return Arrays.copyOf(found, count);
        }

        private void close(@Nullable Client client) {
            try {
                if (client != null) {
                    client.close();
                }
            } catch (IOException e) {
                harmed(new Damage(0, 0, 1, "closing: " + e));
            }
        }
    }
}
