package org.circleosd.pluginmanager.sandbox.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.runtime.PluginLog;

/** What a guest prints, on its way to the plugin's log: in whole lines, and bounded in each call. */
public final class CallLog {

    private static final int LAST_LINE_LENGTH = 500;

    private final PluginLog log;
    private final int limit;
    private final Lines out = new Lines();
    private final Lines err = new Lines();

    private int left;
    private String lastLine = "";

    /**
     * Makes a log for one guest.
     *
     * @param limit most bytes that one call may print
     */
    public CallLog(PluginLog log, int limit) {
        this.log = log;
        this.limit = limit;
        this.left = limit;
    }

    public GuestOutput out() {
        return out;
    }

    public GuestOutput err() {
        return err;
    }

    /**
     * Passes on a text of its own.
     *
     * @param prefix stands before each of its lines
     * @param text in UTF-8
     */
    public void message(String prefix, byte[] text) {
        int taken = Math.min(text.length, left);
        if (taken > 0 || (text.length == 0 && left > 0)) {
            String lines = new String(text, 0, taken, UTF_8).stripTrailing();
            append(prefix + lines.replace("\n", "\n" + prefix));
            // A message of nothing counts as well: there may be any number of them.
            left -= Math.max(taken, 1);
        }
        if (taken < text.length) {
            markCut();
        }
    }

    /** Passes on what has no line end yet; the next call may print as much as the first. */
    public void endCall() {
        out.flush();
        err.flush();
        left = limit;
    }

    /** Returns the last line printed that is not blank, shortened; empty if there is none. */
    public String lastLine() {
        return lastLine;
    }

    private void markCut() {
        if (left >= 0) {
            log.append("[cut: the plugin printed more than " + limit + " bytes in one call]");
            // Below zero: the mark is printed once.
            left = -1;
        }
    }

    private void append(String text) {
        log.append(text);
        String end = text.stripTrailing();
        if (!end.isEmpty()) {
            String line = end.substring(end.lastIndexOf('\n') + 1);
            lastLine = line.substring(0, Math.min(line.length(), LAST_LINE_LENGTH));
        }
    }

    /** A stream that passes text on at its line ends, so that neither a line nor a character is torn. */
    private final class Lines implements GuestOutput {

        private final ByteArrayOutputStream open = new ByteArrayOutputStream(0);

        @Override
        public void write(GuestMemory memory, int address, int length) {
            int taken = Math.min(length, left);
            if (taken > 0) {
                add(memory.read(address, taken));
            }
            if (taken < length && left >= 0) {
                flush();
                markCut();
            }
        }

        void flush() {
            if (open.size() > 0) {
                append(open.toString(UTF_8));
                open.reset();
            }
        }

        private void add(byte[] bytes) {
            left -= bytes.length;
            int end = bytes.length;
            while (end > 0 && bytes[end - 1] != '\n') {
                end--;
            }
            if (end > 0) {
                open.write(bytes, 0, end - 1);
                flush();
            }
            open.write(bytes, end, bytes.length - end);
        }
    }
}
