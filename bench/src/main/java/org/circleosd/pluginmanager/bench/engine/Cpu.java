package org.circleosd.pluginmanager.bench.engine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** CPU time of the calling thread. */
final class Cpu {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Cpu() {}

    static double millis() {
        return THREADS.getCurrentThreadCpuTime() / 1e6;
    }

    /** Runs the work again and again for that long, at least three times, and returns the least CPU time of a run. */
    static double leastMillis(double seconds, Runnable work) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        double least = Double.MAX_VALUE;
        for (int runs = 0; runs < 3 || System.nanoTime() < end; runs++) {
            double start = millis();
            work.run();
            least = Math.min(least, millis() - start);
        }
        return least;
    }
}
