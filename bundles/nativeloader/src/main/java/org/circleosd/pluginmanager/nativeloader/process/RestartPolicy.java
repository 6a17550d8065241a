package org.circleosd.pluginmanager.nativeloader.process;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When a process that died is begun again: soon, then later and later, and after too many deaths not at all. Not
 * thread-safe.
 */
public final class RestartPolicy {

    /** It doubles so often; with the usual limit of deaths it is out of service before that. */
    private static final int DOUBLINGS = 4;
    /** A process that lived so long died of something new. */
    private static final Duration GOOD_LIFE = Duration.ofSeconds(10);

    private final Settings settings;
    private final RandomGenerator random;
    private final Deque<Long> deaths = new ArrayDeque<>();
    private int inARow;
    private long born;

    /**
     * What an operator can set.
     *
     * @param first wait before the first new start; positive
     * @param mostDeaths deaths within the window that end all; positive
     * @param window in which deaths are counted; positive
     */
    public record Settings(Duration first, int mostDeaths, Duration window) {}

    RestartPolicy(Settings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
    }

    /** Notes that a process runs, at a {@link System#nanoTime}. */
    void born(long now) {
        born = now;
    }

    /** Notes a death that is the plugin's own fault; returns how long to wait, empty: no more. */
    Optional<Duration> died(long now) {
        deaths.add(now);
        while (now - deaths.element() > settings.window.toNanos()) {
            deaths.remove();
        }
        inARow = now - born > GOOD_LIFE.toNanos() ? 1 : inARow + 1;
        return deaths.size() >= settings.mostDeaths ? Optional.empty() : Optional.of(wait(inARow));
    }

    /** Returns how long to wait after a process that was ended for being late. */
    Duration ended() {
        return wait(1);
    }

    /** Says what was too much, for people. */
    String tooMany() {
        return "its process died " + deaths.size() + " times within " + settings.window.toSeconds() + " s";
    }

    /** Between half and all of a wait that doubles: processes that died together do not come back together. */
    private Duration wait(int attempt) {
        long full = settings.first.toNanos() << Math.min(attempt - 1, DOUBLINGS);
        return Duration.ofNanos(full / 2 + random.nextLong(full / 2 + 1));
    }
}
