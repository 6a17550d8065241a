package org.circleosd.pluginmanager.deploy;

import org.jspecify.annotations.Nullable;

/** Says in one line what a failure comes from. */
final class Failures {

    private static final String CAUSED_BY = "Caused by: ";

    private Failures() {}

    /** Finds the last cause in the text of a stack trace. */
    static String lastCause(@Nullable String trace) {
        String first = "";
        String last = "";
        for (String line : trace == null ? new String[0] : trace.split("\\R")) {
            if (line.startsWith(CAUSED_BY)) {
                last = line.substring(CAUSED_BY.length());
            } else if (first.isEmpty() && !line.isBlank() && !line.startsWith("\t")) {
                first = line.strip();
            }
        }
        String cause = last.isEmpty() ? first : last;
        return cause.isEmpty() ? "no reason given" : cause;
    }

    /** Returns what the innermost cause says. */
    static String lastCause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        if (cause == failure && message != null && !message.isBlank()) {
            // Felix says the same again behind this.
            return message.replaceFirst(" Unresolved requirements: .*", "");
        }
        return cause.toString();
    }
}
