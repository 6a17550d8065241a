package org.circleosd.pluginmanager.shell;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import org.apache.felix.gogo.jline.Shell;
import org.apache.felix.service.command.CommandSession;
import org.jline.reader.LineReader;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;

/** A person at a terminal: gogo's own shell with line editing, completion, history and colours. */
final class TerminalMode implements Session {

    private final AttachedTerminal terminal;
    private final CommandSession session;
    private final Shell shell;
    private final BundleOperations operations;
    private final String banner;
    private volatile boolean replaced;
    private volatile @Nullable String goodbye;

    TerminalMode(GogoShells shells, BundleOperations operations, Outbox outbox, Hello hello) throws IOException {
        this.operations = operations;
        banner = shells.banner();
        terminal = new AttachedTerminal(hello.term(), outbox.stream(Frame.OUTPUT), this::isInterruptible);
        terminal.resize(hello.columns(), hello.rows());
        session = shells.processor().createSession(terminal.input(), terminal.output(), terminal.output());
        SteadyChannels.install(session, terminal.input(), terminal.output(), terminal.output());
        shell = shells.newShell();
        session.currentDir(hello.dir());
        session.put(Shell.VAR_TERMINAL, terminal);
        session.put(LineReader.HISTORY_FILE, shells.history());
        session.put(GogoCommands.SCOPE, GogoCommands.SCOPES);
        shells.completions().offer(session);
        session.put(ExitCommand.END, (Runnable) shell::stop);
    }

    @Override
    public Frame run() throws Exception {
        try {
            terminal.writer().println(banner);
            terminal.flush();
            // Without --nohistory it would keep a history in the home of the daemon's user.
            shell.gosh(session, new String[] {"--login", "--noshutdown", "--nohistory"});
            String reason = goodbye;
            if (reason != null) {
                terminal.writer().println(reason);
                terminal.flush();
            }
            return replaced ? Frame.again() : Frame.status(true, false);
        } finally {
            session.close();
            terminal.close();
        }
    }

    @Override
    public void received(Frame frame) throws IOException {
        switch (frame.type()) {
            case Frame.INPUT -> terminal.processInputBytes(frame.payload());
            case Frame.SIZE -> {
                ByteBuffer size = ByteBuffer.wrap(frame.payload());
                if (size.remaining() != 2 * Integer.BYTES) {
                    throw new ProtocolException("a size of " + size.remaining() + " bytes; expected 8");
                }
                terminal.resize(size.getInt(), size.getInt());
                terminal.raise(Terminal.Signal.WINCH);
            }
            default -> throw new ProtocolException("a frame '" + frame.type() + "'; expected 'I' or 'W'");
        }
    }

    @Override
    public void hangUp() {
        shell.stop();
        operations.interrupt(session);
        endInput();
    }

    @Override
    public boolean leave(boolean another) {
        replaced = another;
        goodbye = another ? "The shell is being replaced." : "The daemon stops.";
        shell.stop();
        boolean idle = session.foregroundJob() == null;
        if (idle) {
            endInput();
        }
        return idle;
    }

    private boolean isInterruptible() {
        return operations.isInterruptible(session);
    }

    private void endInput() {
        try {
            terminal.endInput();
        } catch (IOException e) {
            throw new IllegalStateException("a pipe in memory cannot fail to close", e);
        }
    }
}
