package org.circleosd.pluginmanager.nativeloader.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final RestartPolicy.Settings SETTINGS =
            new RestartPolicy.Settings(Duration.ofMillis(50), 5, Duration.ofSeconds(60));

    @Test
    void deathsInARow_waitLonger_andTheFifthEndsAll() {
        RestartPolicy policy = policy(0);
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            waits.add(policy.died(i).orElseThrow().toMillis());
        }

        assertThat(waits).containsExactly(25L, 50L, 100L, 200L);
        assertThat(policy.died(4)).isEmpty();
        assertThat(policy.tooMany()).isEqualTo("its process died 5 times within 60 s");
    }

    @Test
    void wait_isAtMostWhatWasSet() {
        assertThat(policy(Long.MAX_VALUE).died(0)).contains(Duration.ofMillis(50));
    }

    @Test
    void deathsFarApart_areForgotten() {
        RestartPolicy policy = policy(0);
        for (int i = 0; i < 100; i++) {
            policy.born(i * 16 * SECOND);
            assertThat(policy.died((i * 16 + 15) * SECOND)).contains(Duration.ofMillis(25));
        }
    }

    @Test
    void goodLife_beginsTheWaitsAnew() {
        RestartPolicy policy = policy(0);
        policy.died(0);
        policy.died(0);
        policy.born(SECOND);

        assertThat(policy.died(12 * SECOND)).contains(Duration.ofMillis(25));
    }

    private static RestartPolicy policy(long random) {
        RandomGenerator fixed = new RandomGenerator() {
            @Override
            public long nextLong() {
                return random;
            }

            @Override
            public long nextLong(long bound) {
                return Math.min(random, bound - 1);
            }
        };
        return new RestartPolicy(SETTINGS, fixed);
    }
}
