package org.circleosd.pluginmanager.nativeloader.process;

/**
 * What the process of native plugins may use, beyond what it uses without one.
 *
 * @param memoryBytes private memory, in bytes; positive
 * @param threads and processes; positive
 * @param openFiles descriptors; positive
 * @param fileBytes size of a file that it writes, in bytes; positive
 */
public record WorkerLimits(long memoryBytes, int threads, int openFiles, long fileBytes) {

    WorkerLimits withMemory(long bytes) {
        return new WorkerLimits(bytes, threads, openFiles, fileBytes);
    }
}
