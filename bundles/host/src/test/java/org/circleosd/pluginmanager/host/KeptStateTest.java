package org.circleosd.pluginmanager.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KeptStateTest {

    private final KeptState state = new KeptState(TestHost.LONG, TestHost.LONG);
    private final Fakes.State store = new Fakes.State();

    @BeforeEach
    void bind() {
        state.bind(store);
    }

    @AfterEach
    void close() {
        state.close();
    }

    @Test
    void interruptedCaller_doesNotDisturbWhatHasBegun() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        Semaphore go = new Semaphore(0);
        AtomicBoolean disturbed = new AtomicBoolean();
        store.within = () -> {
            inside.countDown();
            go.acquireUninterruptibly();
            disturbed.set(Thread.currentThread().isInterrupted());
        };
        AtomicBoolean flag = new AtomicBoolean();
        FutureTask<String> put = new FutureTask<>(() -> {
            state.run(now -> now.commit(List.of(new Change("b", "k", "v".getBytes(UTF_8)))));
            flag.set(Thread.currentThread().isInterrupted());
            return "";
        });
        Thread thread = new Thread(put);
        thread.start();
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();

        thread.interrupt();
        go.release();
        put.get(30, TimeUnit.SECONDS);

        assertThat(disturbed).isFalse();
        assertThat(flag).isTrue();
        assertThat(store.entries("b")).containsOnlyKeys("k");
    }

    @Test
    void interruptedCaller_withdrawsWhatHasNotBegun() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        Semaphore go = new Semaphore(0);
        FutureTask<String> first = TestHost.started(() -> state.call(now -> {
            inside.countDown();
            go.acquireUninterruptibly();
            return "done";
        }));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        AtomicBoolean ran = new AtomicBoolean();
        FutureTask<String> second = TestHost.started(() -> {
            Thread.currentThread().interrupt();
            TestHost.assertCode(ErrorCode.CANCELLED, () -> state.call(now -> ran.getAndSet(true)));
            return Thread.currentThread().isInterrupted() ? "interrupted" : "";
        });
        assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo("interrupted");

        go.release();

        assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo("done");
        state.run(now -> {});
        assertThat(ran).isFalse();
    }

    @Test
    void workOfAnotherOrder_doesNotWait_andThatOfTheSameDoes() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        Semaphore go = new Semaphore(0);
        List<String> done = new CopyOnWriteArrayList<>();
        FutureTask<String> first = TestHost.started(() -> state.call(now -> {
            inside.countDown();
            go.acquireUninterruptibly();
            done.add("first");
            return "";
        }));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        FutureTask<String> second = TestHost.started(() -> state.call(now -> {
            done.add("second");
            return "";
        }));

        state.newOrder().run(now -> done.add("other"));
        go.release();
        first.get(30, TimeUnit.SECONDS);
        second.get(30, TimeUnit.SECONDS);

        assertThat(done).containsExactly("other", "first", "second");
    }

    @Test
    void failure_reachesTheCaller() {
        store.readOnly = true;
        TestHost.assertCode(
                ErrorCode.STATE_READ_ONLY,
                () -> state.call(now -> {
                    now.commit(List.of());
                    return "";
                }));
        assertThatThrownBy(() -> state.call(now -> {
                    throw new AssertionError("a defect");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("a defect");
        assertThat(state.<String>call(now -> "next")).isEqualTo("next");
    }

    @Test
    void afterTheClosing_isUnavailable() {
        state.close();
        assertThatThrownBy(() -> state.run(now -> {}))
                .isInstanceOfSatisfying(
                        PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }
}
