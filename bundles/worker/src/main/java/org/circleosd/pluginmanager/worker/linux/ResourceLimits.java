package org.circleosd.pluginmanager.worker.linux;

/**
 * What a worker may take, beyond what it has when this is set.
 *
 * @param memoryBytes more memory
 * @param fileBytes longest file that it may write
 * @param descriptors open at once, all together
 * @param threads more threads
 */
public record ResourceLimits(long memoryBytes, long fileBytes, int descriptors, int threads) {

    /** Checks that all are positive. */
    public ResourceLimits {
        if (memoryBytes <= 0 || fileBytes <= 0 || descriptors <= 0 || threads <= 0) {
            throw new IllegalArgumentException("a limit of a worker is not positive");
        }
    }
}
