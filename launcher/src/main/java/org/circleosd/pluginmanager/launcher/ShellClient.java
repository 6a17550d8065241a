package org.circleosd.pluginmanager.launcher;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Attaches to a running daemon's shell. The daemon's side, and the protocol, are in the {@code shell} bundle: see its
 * class {@code Frame}.
 */
final class ShellClient {

    private static final System.Logger LOG = System.getLogger(ShellClient.class.getName());

    /** How long a shell may take to be replaced. */
    private static final Duration RECONNECT = Duration.ofSeconds(10);

    private static final Duration RETRY = Duration.ofMillis(50);

    private static final int OK = 0;
    private static final int FAILED = 1;

    private final Path socket;
    private final OutputStream out;
    private final OutputStream err;

    private ShellClient(Path socket, OutputStream out, OutputStream err) {
        this.socket = socket;
        this.out = out;
        this.err = err;
    }

    /**
     * Does the same on the process's own standard streams, whatever {@code System.out} is at the moment.
     *
     * @return the exit status
     */
    static int run(Path socket, List<String> command) {
        return run(
                socket,
                command,
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err));
    }

    /**
     * Runs one command; without one a shell on this terminal, or each line of standard input if that is no terminal.
     *
     * @param command words that are joined by blanks
     * @return 0 if all went well, 1 if a command failed or no daemon answers
     */
    static int run(Path socket, List<String> command, InputStream in, OutputStream out, OutputStream err) {
        ShellClient client = new ShellClient(socket, out, err);
        try {
            if (!command.isEmpty()) {
                return client.one(String.join(" ", command));
            }
            Optional<RawTerminal> terminal = RawTerminal.ofStandardInput();
            return terminal.isPresent() ? client.interactive(terminal.get(), in) : client.script(in);
        } catch (IOException e) {
            return client.fail(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private int one(String command) throws IOException {
        try (Commands commands = new Commands(RawTerminal.sizeOfOutput())) {
            return commands.run(command).status();
        }
    }

    /** Each line is a command. All are run; one that fails makes the whole fail. */
    private int script(InputStream in) throws IOException {
        int status = OK;
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        try (Commands commands = new Commands(RawTerminal.Size.UNKNOWN)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isBlank() || line.stripLeading().startsWith("#")) {
                    continue;
                }
                ShellConnection.Status ended = commands.run(line);
                status = Math.max(status, ended.status());
                if (!ended.goesOn()) {
                    break;
                }
            }
        }
        return status;
    }

    /** Goes on with the new shell when the daemon's is replaced, which the person may have asked for here. */
    private int interactive(RawTerminal terminal, InputStream in) throws IOException, InterruptedException {
        ShellConnection first = connect();
        Closeable raw = terminal.enterRaw();
        try {
            Optional<ShellConnection.Status> ended = converse(first, terminal, in);
            while (ended.isEmpty()) {
                ended = converse(reconnect(), terminal, in);
            }
            return ended.get().status();
        } finally {
            raw.close();
        }
    }

    private Optional<ShellConnection.Status> converse(ShellConnection daemon, RawTerminal terminal, InputStream in)
            throws IOException, InterruptedException {
        try (daemon) {
            daemon.hello("terminal", terminal.size(), term());
            RawTerminal.onResize(() -> resize(daemon, terminal));
            Keyboard keyboard = Keyboard.start(in, daemon);
            try {
                return daemon.copyUntilStatus(out, err);
            } finally {
                RawTerminal.onResize(() -> {});
                keyboard.stop();
            }
        }
    }

    private static void resize(ShellConnection daemon, RawTerminal terminal) {
        try {
            daemon.resize(terminal.size());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the new size did not get to the daemon: {0}", e.getMessage());
        }
    }

    private ShellConnection connect() throws IOException {
        try {
            return ShellConnection.open(socket);
        } catch (IOException e) {
            // What it says differs from JDK to JDK; what helps is the same, but for a socket that is not ours to use.
            if (Files.exists(socket) && !Files.isWritable(socket)) {
                throw new IOException(socket + " belongs to another user; attach as that user or as root", e);
            }
            throw new IOException("no daemon answers at " + socket + "; start it with ./plugin-manager", e);
        }
    }

    /** The new shell listens a moment after the old one has left. */
    private ShellConnection reconnect() throws IOException {
        long end = System.nanoTime() + RECONNECT.toNanos();
        while (true) {
            try {
                return connect();
            } catch (IOException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                // Nothing tells when a socket of another process begins to listen.
                LockSupport.parkNanos(RETRY.toNanos());
            }
        }
    }

    private static String term() {
        return Optional.ofNullable(System.getenv("TERM")).orElse("dumb");
    }

    private int fail(@Nullable String reason) {
        try {
            err.write(("plugin-manager: " + reason + "\n").getBytes(StandardCharsets.UTF_8));
            err.flush();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "nobody reads our errors: {0}", e.getMessage());
        }
        return FAILED;
    }

    /** A session for commands. */
    private final class Commands implements Closeable {

        private final RawTerminal.Size size;
        private ShellConnection daemon;

        Commands(RawTerminal.Size size) throws IOException {
            this.size = size;
            daemon = connect();
            daemon.hello("command", size, term());
        }

        ShellConnection.Status run(String command) throws IOException {
            while (true) {
                Optional<ShellConnection.Status> ended = execute(command);
                if (ended.isPresent()) {
                    return ended.get();
                }
                daemon.close();
                daemon = reconnect();
                daemon.hello("command", size, term());
            }
        }

        private Optional<ShellConnection.Status> execute(String command) throws IOException {
            IOException unsent = null;
            try {
                daemon.send(ShellConnection.COMMAND, command.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It may have left since the last command; then it has said so.
                unsent = e;
            }
            try {
                return daemon.copyUntilStatus(out, err);
            } catch (IOException e) {
                if (unsent != null) {
                    e.addSuppressed(unsent);
                }
                throw e;
            }
        }

        @Override
        public void close() throws IOException {
            daemon.close();
        }
    }
}
