package org.circleosd.pluginmanager.protocol;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

/** Writes moments in UTC, all in one form. */
final class Timestamps {

    /** Instants end after the second where they can; rows of one table should not. */
    private static final DateTimeFormatter MILLISECONDS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private Timestamps() {}

    static String format(Instant instant) {
        return MILLISECONDS.format(instant);
    }
}
