package org.circleosd.pluginmanager.launcher;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * One line a record: time, level, short name of the logger, message. Control characters are escaped, so that no text
 * that came from outside can pretend to be another record. The trace of a throwable follows, indented.
 */
final class LineFormatter extends Formatter {

    private static final String OWN_PREFIX = "org.circleosd.pluginmanager.";

    @Override
    public String format(LogRecord record) {
        StringBuilder line = new StringBuilder(160);
        line.append(timeOf(record.getInstant()))
                .append(' ')
                .append(levelOf(record.getLevel()))
                .append(' ')
                .append(shortName(record.getLoggerName()))
                .append(": ");
        escape(formatMessage(record), line);
        line.append('\n');
        if (record.getThrown() != null) {
            StringWriter trace = new StringWriter();
            record.getThrown().printStackTrace(new PrintWriter(trace));
            trace.toString().lines().forEach(traceLine -> {
                line.append('\t');
                escape(traceLine.strip(), line);
                line.append('\n');
            });
        }
        return line.toString();
    }

    private static String timeOf(Instant instant) {
        // Instant leaves out the fraction when it is zero; columns of one width are easier to read.
        String text = instant.truncatedTo(ChronoUnit.MILLIS).toString();
        return text.length() == "2026-11-23T01:02:03.004Z".length() ? text : text.replace("Z", ".000Z");
    }

    private static String levelOf(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "ERROR";
        }
        if (value >= Level.WARNING.intValue()) {
            return "WARN ";
        }
        return value >= Level.INFO.intValue() ? "INFO " : "DEBUG";
    }

    private static String shortName(String logger) {
        return logger.startsWith(OWN_PREFIX) ? logger.substring(OWN_PREFIX.length()) : logger;
    }

    private static void escape(String text, StringBuilder line) {
        text.chars().forEach(c -> {
            if (!Character.isISOControl(c)) {
                line.append((char) c);
            } else if (c == '\n') {
                line.append("\\n");
            } else {
                line.append(String.format("\\u%04x", c));
            }
        });
    }
}
