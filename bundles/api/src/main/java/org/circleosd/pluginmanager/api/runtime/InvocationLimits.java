package org.circleosd.pluginmanager.api.runtime;

import java.time.Duration;

/**
 * What one call, and the initialisation of a plugin, may use.
 *
 * @param timeout wall-clock time from the call's start to its answer; positive
 * @param memoryBytes largest memory of one instance, in bytes; positive. Wasm memories are counted in pages of 65,536
 *     bytes, rounded down
 * @param outputBytes largest result, and largest log of one call, in bytes; positive
 * @param maxConcurrency most calls of a plugin that run at once; positive
 * @param queue most calls of a plugin that wait for one of them to end; not negative
 * @see <a href="https://webassembly.github.io/spec/core/exec/runtime.html#memory-instances">memories</a>
 */
public record InvocationLimits(Duration timeout, long memoryBytes, int outputBytes, int maxConcurrency, int queue) {

    /** Five seconds, 64 MiB, 1 MiB, 64 calls at once and 1,024 that wait. */
    public static final InvocationLimits DEFAULT =
            new InvocationLimits(Duration.ofSeconds(5), 64L << 20, 1 << 20, 64, 1024);

    /** Takes positive values, and a queue of any length. */
    public InvocationLimits {
        if (timeout.isNegative()
                || timeout.isZero()
                || memoryBytes <= 0
                || outputBytes <= 0
                || maxConcurrency <= 0
                || queue < 0) {
            throw new IllegalArgumentException("limits must be positive: " + timeout + ", " + memoryBytes + ", "
                    + outputBytes + ", " + maxConcurrency + ", " + queue);
        }
    }
}
