package org.circleosd.pluginmanager.api.runtime;

import java.time.Duration;

/**
 * What one call, and the initialisation of a plugin, may use.
 *
 * @param timeout wall-clock time from the call's start to its answer; positive
 * @param memoryBytes largest memory of one instance, in bytes; positive. Wasm memories are counted in pages of 65,536
 *     bytes, rounded down
 * @param outputBytes largest result, and largest log of one call, in bytes; positive
 * @see <a href="https://webassembly.github.io/spec/core/exec/runtime.html#memory-instances">memories</a>
 */
public record InvocationLimits(Duration timeout, long memoryBytes, int outputBytes) {

    /** Five seconds, 64 MiB, 1 MiB. */
    public static final InvocationLimits DEFAULT = new InvocationLimits(Duration.ofSeconds(5), 64L << 20, 1 << 20);

    /** Takes positive values. */
    public InvocationLimits {
        if (timeout.isNegative() || timeout.isZero() || memoryBytes <= 0 || outputBytes <= 0) {
            throw new IllegalArgumentException(
                    "limits must be positive: " + timeout + ", " + memoryBytes + ", " + outputBytes);
        }
    }
}
