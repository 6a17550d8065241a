package org.circleosd.pluginmanager.nativeloader.inprocess;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.api.runtime.PluginLog;

/** What one call of a plugin prints, on its way into the plugin's log in whole lines, bounded. Not thread-safe. */
final class PrintedText implements Printed {

    /** A longer line is cut into pieces of this size. */
    private static final int LINE_BYTES = 8 << 10;

    private final PluginLog log;
    private final int limit;
    private final long deadline;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long total;

    /**
     * Makes an empty text.
     *
     * @param limit bytes kept; the rest is dropped and marked
     * @param deadline {@link System#nanoTime} at which the call is late
     */
    PrintedText(PluginLog log, int limit, long deadline) {
        this.log = log;
        this.limit = limit;
        this.deadline = deadline;
    }

    @Override
    public boolean isLate(long now) {
        return now - deadline > 0;
    }

    @Override
    public void add(byte[] bytes, int count, boolean shared) {
        if (total > limit) {
            return;
        }
        int kept = (int) Math.min(count, limit - total);
        for (int i = 0; i < kept; i++) {
            if (bytes[i] == '\n' || line.size() >= LINE_BYTES) {
                flush(shared);
            }
            if (bytes[i] != '\n') {
                line.write(bytes[i]);
            }
        }
        total += kept;
        if (kept < count) {
            total = limit + 1L;
            finish();
            log.append("[truncated: printed more than " + limit + " bytes in one call]");
        }
    }

    /** Hands over a last line without end. */
    @Override
    public void finish() {
        if (line.size() > 0) {
            flush(false);
        }
    }

    private void flush(boolean shared) {
        String text = line.toString(StandardCharsets.UTF_8);
        log.append(shared ? "[one of several plugins] " + text : text);
        line.reset();
    }
}
