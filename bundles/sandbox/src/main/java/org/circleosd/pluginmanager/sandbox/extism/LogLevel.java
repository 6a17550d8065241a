package org.circleosd.pluginmanager.sandbox.extism;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How important a message of a plugin is, in the order that plugins know. */
public enum LogLevel {
    TRACE(0),
    DEBUG(1),
    INFO(2),
    WARN(3),
    ERROR(4),
    /** Above all messages. */
    OFF(Integer.MAX_VALUE);

    private final int number;

    private final String prefix = "[" + name().toLowerCase(Locale.ROOT) + "] ";

    LogLevel(int number) {
        this.number = number;
    }

    /** Finds the level of a lower-case name; empty for any other text. */
    public static Optional<LogLevel> ofName(String text) {
        return Arrays.stream(values())
                .filter(level -> level.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst();
    }

    /** Returns the number that a plugin gets. */
    int number() {
        return number;
    }

    /** Returns what stands before each line of a message. */
    String prefix() {
        return prefix;
    }
}
