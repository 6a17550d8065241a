package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.util.List;

/** Makes calls that change the thread that makes them, on one that ends after them. */
final class ThrowawayThread implements Runnable {

    private static final long STACK_BYTES = 192L << 10;

    private final PreparedCall[] calls;
    private int result;
    private int errno;

    private ThrowawayThread(List<PreparedCall> calls) {
        this.calls = calls.toArray(new PreparedCall[0]);
    }

    /**
     * Makes calls up to the first that fails.
     *
     * @return what the last one returned, or the negative errno of the one that failed
     */
    static int make(PreparedCall... calls) throws IOException {
        ThrowawayThread work = new ThrowawayThread(List.of(calls));
        Thread thread = new Thread(null, work, "worker-probe", STACK_BYTES, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a layer of confinement was tried");
        }
        return work.result < 0 ? -work.errno : work.result;
    }

    @Override
    public void run() {
        for (PreparedCall call : calls) {
            result = call.make();
            if (result < 0) {
                errno = CFunction.errno();
                return;
            }
        }
    }
}
