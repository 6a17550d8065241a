package org.circleosd.pluginmanager.shell;

import java.net.ProtocolException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What a client says first; see {@link Frame}.
 *
 * @param terminal whether it is a person's terminal; else it sends commands
 * @param dir absolute path that relative paths are meant from
 * @param columns width of the terminal; 0 if there is none
 * @param rows height of the terminal; 0 if there is none
 * @param term type of the terminal
 */
record Hello(boolean terminal, Path dir, int columns, int rows, String term) {

    private static final int MAX_SIZE = 10_000;

    /** Reads the first frame. */
    static Hello of(Frame frame) throws ProtocolException {
        if (frame.type() != Frame.HELLO) {
            throw new ProtocolException("the first frame is '" + frame.type() + "'; expected 'H'");
        }
        Map<String, String> values = new HashMap<>();
        for (String line : frame.text().split("\n", -1)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        String mode = values.getOrDefault("mode", "");
        if (!mode.equals("terminal") && !mode.equals("command")) {
            throw new ProtocolException("mode is '" + mode + "'; expected 'command' or 'terminal'");
        }
        return new Hello(
                mode.equals("terminal"),
                directory(values.getOrDefault("dir", "/")),
                number(values.getOrDefault("columns", "0")),
                number(values.getOrDefault("rows", "0")),
                values.getOrDefault("term", "dumb"));
    }

    private static Path directory(String text) throws ProtocolException {
        try {
            Path dir = Path.of(text);
            if (dir.isAbsolute()) {
                return dir;
            }
        } catch (InvalidPathException e) {
            throw new ProtocolException("dir is '" + text + "', which is no path: " + e.getReason());
        }
        throw new ProtocolException("dir is '" + text + "'; expected an absolute path");
    }

    private static int number(String text) throws ProtocolException {
        try {
            return Math.min(MAX_SIZE, Math.max(0, Integer.parseInt(text)));
        } catch (NumberFormatException e) {
            throw new ProtocolException("'" + text + "' is no size; expected a number");
        }
    }
}
