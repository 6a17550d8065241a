package org.circleosd.pluginmanager.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;

/** Sends what is typed on a terminal in raw mode to the daemon, on a thread of its own. */
final class Keyboard {

    private static final System.Logger LOG = System.getLogger(Keyboard.class.getName());

    private static final long STOP_MILLIS = 1_000;
    /** A terminal that has nothing makes a read wait; one that is gone answers at once, for ever. */
    private static final long AT_ONCE_NANOS = Duration.ofMillis(20).toNanos();

    private static final int GONE_AFTER = 50;

    private final InputStream in;
    private final ShellConnection daemon;
    private final Thread thread = new Thread(this::copy, "keyboard");
    private volatile boolean stopped;

    private Keyboard(InputStream in, ShellConnection daemon) {
        this.in = in;
        this.daemon = daemon;
    }

    static Keyboard start(InputStream in, ShellConnection daemon) {
        Keyboard keyboard = new Keyboard(in, daemon);
        keyboard.thread.setDaemon(true);
        keyboard.thread.start();
        return keyboard;
    }

    /** Stops reading; what is typed from now on is for the next reader. */
    void stop() throws InterruptedException {
        stopped = true;
        thread.join(STOP_MILLIS);
    }

    private void copy() {
        try {
            send();
            if (!stopped) {
                daemon.close();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the keyboard or the daemon is gone: {0}", e.getMessage());
        }
    }

    /** Returns when told to stop or when the terminal is gone. */
    private void send() throws IOException {
        byte[] keys = new byte[4096];
        int empty = 0;
        while (!stopped && empty < GONE_AFTER) {
            long start = System.nanoTime();
            int count = in.read(keys);
            if (count > 0) {
                daemon.send(ShellConnection.INPUT, Arrays.copyOf(keys, count));
                empty = 0;
            } else {
                empty = System.nanoTime() - start < AT_ONCE_NANOS ? empty + 1 : 0;
            }
        }
    }
}
