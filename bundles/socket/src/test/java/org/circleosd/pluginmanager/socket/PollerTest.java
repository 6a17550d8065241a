package org.circleosd.pluginmanager.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PollerTest {

    @Test
    void pollWithoutTimeout_waitsInsteadOfSpinning() throws Exception {
        Poller poller = new Poller();
        AtomicInteger rounds = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            while (done.getCount() > 0) {
                poller.poll(0, key -> {});
                rounds.incrementAndGet();
            }
        });
        thread.start();
        // Nothing happens in this time; a spinning poller makes thousands of rounds in it.
        assertThat(done.await(300, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(rounds).hasValueLessThanOrEqualTo(1);
        poller.execute(done::countDown);
        thread.join();
        poller.close();
    }
}
