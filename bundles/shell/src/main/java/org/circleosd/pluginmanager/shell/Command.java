package org.circleosd.pluginmanager.shell;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.apache.felix.service.command.CommandSession;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/** What the commands about plugins have in common. */
final class Command {

    private static final List<String> HELP = List.of("-h", "--help");

    private Command() {}

    /**
     * Does the work of a command, or prints how to use it if that is asked for; a failure is worded as on the socket.
     *
     * @return what is to be shown; null if help was
     */
    static <T> @Nullable T run(CommandSession session, String action, String[] words, Function<Arguments, T> work)
            throws Exception {
        String command = "plugin:" + action;
        if (List.of(words).stream().anyMatch(HELP::contains)) {
            session.execute("gogo:help " + command);
            return null;
        }
        try {
            return work.apply(new Arguments(command, words));
        } catch (PluginException e) {
            throw CommandFailure.of(action, e);
        }
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
