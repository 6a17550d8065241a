package org.circleosd.pluginmanager.shell;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.apache.felix.service.command.CommandSession;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** What the commands about plugins have in common. */
final class Command {

    private Command() {}

    /** Does the work of a command; a failure is worded as on the socket. */
    static <T> T run(String action, Supplier<T> work) throws CommandFailure {
        try {
            return work.get();
        } catch (PluginException e) {
            throw CommandFailure.of(action, e);
        }
    }

    /** Prints how to use a command. */
    static void help(CommandSession session, String command) throws Exception {
        session.execute("gogo:help plugin:" + command);
    }

    /** Reads a path, which is meant from where the person is. */
    static Path path(CommandSession session, String text) {
        try {
            return session.currentDir().resolve(text).normalize();
        } catch (InvalidPathException e) {
            throw new PluginException(ErrorCode.BAD_REQUEST, "'" + text + "' is no path: " + e.getReason());
        }
    }
}
