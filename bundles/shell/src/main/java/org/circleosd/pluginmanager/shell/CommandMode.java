package org.circleosd.pluginmanager.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Job;
import org.apache.felix.service.command.JobListener;
import org.apache.felix.service.command.Result;
import org.jspecify.annotations.Nullable;

/** Runs commands that come as text, one after the other, and answers each with its output and a status. */
final class CommandMode implements Session, JobListener {

    private static final String PLAIN_GREP = "mt=0:fn=0:ln=0:se=0";
    private static final String PLAIN_LS = "dr=0:ex=0:sl=0:ot=0";

    private final CommandSession session;
    private final BundleOperations operations;
    private final Outbox outbox;
    private final OutputStream output;
    private final PrintStream errors;
    private final Queue<String> commands = new ArrayDeque<>();
    private boolean running;
    /** By the command for it, or since the client is gone. */
    private boolean exited;

    private boolean leaving;
    private boolean replaced;
    private boolean lastFailed;

    CommandMode(CommandProcessor processor, BundleOperations operations, Outbox outbox, Hello hello) {
        this.operations = operations;
        this.outbox = outbox;
        InputStream nothing = InputStream.nullInputStream();
        output = outbox.stream(Frame.OUTPUT);
        OutputStream error = outbox.stream(Frame.ERROR);
        errors = new PrintStream(error, true, StandardCharsets.UTF_8);
        session = processor.createSession(nothing, output, error);
        SteadyChannels.install(session, nothing, output, error);
        session.currentDir(hello.dir());
        if (hello.columns() > 0) {
            session.put(PluginFormat.COLUMNS, hello.columns());
        } else {
            // gogo takes every session for a terminal's, and its filters mark what they find with colours.
            session.put("GREP_COLORS", PLAIN_GREP);
            session.put("LS_COLORS", PLAIN_LS);
        }
        session.put(GogoCommands.SCOPE, GogoCommands.SCOPES);
        session.put(ExitCommand.END, (Runnable) this::exit);
        session.setJobListener(this);
    }

    @Override
    public @Nullable Frame run() throws IOException, InterruptedException {
        try {
            for (String command = next(); command != null; command = next()) {
                boolean ok = execute(command);
                outbox.put(Frame.status(ok, finish()));
            }
            return last();
        } finally {
            session.close();
        }
    }

    @Override
    public synchronized void received(Frame frame) throws ProtocolException {
        if (frame.type() != Frame.COMMAND) {
            throw new ProtocolException("a frame '" + frame.type() + "'; expected 'C'");
        }
        commands.add(frame.text());
        notifyAll();
    }

    @Override
    public void hangUp() {
        exit();
        operations.interrupt(session);
    }

    @Override
    public synchronized boolean leave(boolean another) {
        leaving = true;
        replaced = another;
        notifyAll();
        return !running;
    }

    /** Hears of the end of each command, which is the only place where gogo tells a status. */
    @Override
    public synchronized void jobChanged(Job job, Job.Status previous, Job.Status current) {
        if (current == Job.Status.Done && job.parent() == null) {
            Result result = job.result();
            lastFailed = result != null && !result.isSuccess();
        }
        notifyAll();
    }

    private synchronized void exit() {
        exited = true;
        notifyAll();
    }

    private synchronized @Nullable String next() throws InterruptedException {
        while (commands.isEmpty() && !exited && !leaving) {
            wait();
        }
        if (exited || leaving) {
            return null;
        }
        running = true;
        lastFailed = false;
        return commands.remove();
    }

    /** Returns whether the session goes on. */
    private synchronized boolean finish() {
        running = false;
        return !exited;
    }

    private synchronized @Nullable Frame last() {
        return replaced && !exited ? Frame.again() : null;
    }

    private boolean execute(String command) throws IOException {
        try {
            Object result = session.execute(command);
            awaitBackground();
            if (result != null && !Boolean.FALSE.equals(session.get(".Gogo.format"))) {
                print(session.format(result, Converter.INSPECT));
            }
            output.flush();
            return !failed();
        } catch (Exception e) {
            // Whatever a command or the parser throws; a client that is gone shows when the status is sent.
            output.flush();
            errors.println(describe(e));
            return false;
        }
    }

    private synchronized boolean failed() {
        return lastFailed;
    }

    /** Commands that were put into the background belong to what was asked for: closing the session would end them. */
    private synchronized void awaitBackground() throws InterruptedException {
        while (!session.jobs().isEmpty()) {
            wait();
        }
    }

    private void print(CharSequence text) throws IOException {
        String line = text.toString();
        output.write((line.endsWith("\n") ? line : line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String describe(Exception failure) {
        if (failure instanceof CommandFailure) {
            return failure.toString();
        }
        String message = failure.getMessage();
        return SafeText.line(message == null ? failure.toString() : message);
    }
}
