package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class InTurnTest {

    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();
    private boolean isClosed;

    private final InTurn turns = new InTurn(work -> {
        if (isClosed) {
            throw new RejectedExecutionException();
        }
        threads.add(work);
    });

    @Test
    void workOfOneOrder_takesOneThreadAtATime() {
        turns.execute(() -> done.add("1"));
        turns.execute(() -> done.add("2"));

        assertThat(threads).hasSize(1);
        threads.remove().run();
        assertThat(done).containsExactly("1");
        assertThat(threads).hasSize(1);
        threads.remove().run();
        assertThat(done).containsExactly("1", "2");
        assertThat(threads).isEmpty();
        turns.execute(() -> done.add("3"));
        threads.remove().run();
        assertThat(done).containsExactly("1", "2", "3");
    }

    @Test
    void closedThreads_endWhatWasTaken() {
        turns.execute(() -> done.add("1"));
        turns.execute(() -> done.add("2"));
        isClosed = true;

        threads.remove().run();

        assertThat(done).containsExactly("1", "2");
        assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> turns.execute(() -> {}));
    }
}
