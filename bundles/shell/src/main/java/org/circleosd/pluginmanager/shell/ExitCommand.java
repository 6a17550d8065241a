package org.circleosd.pluginmanager.shell;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Component;

/** Leaves the shell; the daemon goes on. */
@Component(service = ExitCommand.class)
@GogoCommand(
        scope = "shell",
        function = {"exit", "quit"})
public final class ExitCommand {

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
