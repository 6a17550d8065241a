package org.circleosd.pluginmanager.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.action.RequestHandler;

/**
 * Does what the line says: {@code block} waits until let go, {@code big N} answers N bytes, {@code defect},
 * {@code refuse} and {@code interrupt} go wrong; any other line is answered by itself.
 */
final class ScriptedHandler implements RequestHandler {

    /** Each {@code block} counts in before it waits. */
    final Semaphore blocked = new Semaphore(0);
    /** Opened, {@code block} goes on. */
    final CountDownLatch letGo = new CountDownLatch(1);

    final Queue<String> handled = new ConcurrentLinkedQueue<>();
    final Queue<Caller> callers = new ConcurrentLinkedQueue<>();

    @Override
    public void handle(byte[] bytes, Caller caller, Replies replies) {
        String line = new String(bytes, StandardCharsets.UTF_8);
        handled.add(line);
        callers.add(caller);
        String reply = line;
        if (line.startsWith("block")) {
            blocked.release();
            await(letGo);
        } else if (line.startsWith("big ")) {
            reply = "x".repeat(Integer.parseInt(line.substring(4)));
        } else if (line.equals("defect")) {
            throw new IllegalStateException("as the test wants it");
        } else if (line.equals("refuse")) {
            throw new PluginException(ErrorCode.UNAVAILABLE, "said \"no\"");
        } else if (line.equals("interrupt")) {
            Thread.currentThread().interrupt();
        }
        replies.send((reply + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public byte[] tooLarge(int limitBytes) {
        return ("too large " + limitBytes + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Waits until so many more {@code block}s are under way. */
    void awaitBlocked(int count) throws InterruptedException {
        assertThat(blocked.tryAcquire(count, 30, TimeUnit.SECONDS)).isTrue();
    }

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
