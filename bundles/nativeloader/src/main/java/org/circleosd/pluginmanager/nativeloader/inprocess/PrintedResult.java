package org.circleosd.pluginmanager.nativeloader.inprocess;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.worker.abi.Abi;
import org.circleosd.pluginmanager.worker.abi.CallResult;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;

/** What a function prints that returns nothing: its result. */
final class PrintedResult implements Printed {

    private final long limit;
    private final long deadline;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long total;
    private boolean anothers;

    /**
     * Makes an empty result.
     *
     * @param limit largest result in bytes
     * @param deadline {@link System#nanoTime} at which the call is late
     */
    PrintedResult(long limit, long deadline) {
        this.limit = limit;
        this.deadline = deadline;
    }

    @Override
    public synchronized boolean isLate(long now) {
        return now - deadline > 0;
    }

    @Override
    public synchronized void add(byte[] bytes, int count, boolean shared) {
        anothers |= shared;
        total += count;
        if (total <= limit) {
            kept.write(bytes, 0, count);
        }
    }

    @Override
    public void finish() {
        // What has no end of line is as good as any.
    }

    /**
     * Returns what was printed, once the call ended.
     *
     * @throws PluginException {@link ErrorCode#UNAVAILABLE} if it may be another plugin's
     */
    synchronized CallResult result() {
        if (anothers) {
            throw new PluginException(
                    ErrorCode.UNAVAILABLE,
                    "another plugin in this process ran at the same time, so nobody can tell which of them printed;"
                            + " call again, or give the plugin a process of its own");
        }
        return total > limit
                ? new CallResult(
                        ResultStatus.TOO_LARGE, Abi.OK, Long.toString(total).getBytes(StandardCharsets.US_ASCII))
                : CallResult.returned(Abi.OK, kept.toByteArray());
    }
}
