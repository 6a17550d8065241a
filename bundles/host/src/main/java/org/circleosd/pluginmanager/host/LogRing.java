package org.circleosd.pluginmanager.host;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.api.runtime.PluginLog;

/** The last lines that a plugin printed: at most 1,000 lines of at most 4,096 characters, 256 Ki characters in all. */
final class LogRing implements PluginLog {

    private static final int MAX_LINES = 1_000;
    private static final int MAX_LINE = 4_096;
    private static final int MAX_CHARS = 256 << 10;

    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private int chars;

    @Override
    public void append(String text) {
        // Only the end of a long text can stay, so only the end is split.
        String kept = text.length() > MAX_CHARS ? text.substring(text.length() - MAX_CHARS) : text;
        List<String> added = kept.lines().map(LogRing::clean).toList();
        synchronized (this) {
            for (String line : added) {
                lines.add(line);
                chars += line.length();
            }
            while (lines.size() > MAX_LINES || chars > MAX_CHARS) {
                chars -= lines.remove().length();
            }
        }
    }

    synchronized List<String> lines() {
        return new ArrayList<>(lines);
    }

    /** Bounds a line and escapes it: a plugin's text must not steer the terminal of whoever reads it. */
    static String clean(String line) {
        String kept = line.length() > MAX_LINE ? line.substring(0, MAX_LINE) + " [line truncated]" : line;
        StringBuilder out = new StringBuilder(kept.length());
        kept.codePoints().forEach(c -> {
            int type = Character.getType(c);
            if (c != '\t' && (type == Character.CONTROL || type == Character.FORMAT)) {
                out.append(String.format("\\u%04x", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }
}
