package org.circleosd.pluginmanager.shell;

import java.util.Objects;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * A command that failed: one line for the person who typed it. Has no trace, and its text form is the line alone, since
 * that is what gogo prints.
 */
final class CommandFailure extends Exception {

    private static final long serialVersionUID = 1L;

    CommandFailure(String line) {
        super(SafeText.line(line), null, false, false);
    }

    /** Words the failure of an action as replies on the socket do, with the code at the end. */
    static CommandFailure of(String action, PluginException failure) {
        return new CommandFailure(action + " failed: " + failure.getMessage() + " ("
                + failure.code().wireName() + ")");
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    @Override
    public String toString() {
        return getMessage();
    }
}
