package org.circleosd.pluginmanager.shell;

import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;

/** Leaves the shell; the daemon goes on. */
public final class ExitCommand {

    static final List<String> FUNCTIONS = List.of("exit", "quit");

    /** Session variable: a Runnable that ends the session after the current command. */
    static final String END = ".end";

    /** Ends the session. */
    @Descriptor("leaves this shell; the daemon goes on")
    public void exit(CommandSession session) {
        if (session.get(END) instanceof Runnable end) {
            end.run();
        }
    }

    /** Ends the session. */
    @Descriptor("leaves this shell; the daemon goes on")
    public void quit(CommandSession session) {
        exit(session);
    }
}
