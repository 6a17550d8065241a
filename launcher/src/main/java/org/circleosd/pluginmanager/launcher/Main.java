package org.circleosd.pluginmanager.launcher;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Reads the command line and runs the daemon. */
public final class Main {

    private static final int OK = 0;
    private static final int CANNOT_START = 1;
    private static final int WRONG_USAGE = 2;

    private final Options options;
    private final Path home;
    private final PrintStream out;

    private Main(Options options, Path home, PrintStream out) {
        this.options = options;
        this.home = home;
        this.out = out;
    }

    /** Runs the program; does not return. */
    public static void main(String[] arguments) {
        // Never System.exit: the exit status is ours also when the hook for signals is there.
        Runtime.getRuntime().halt(run(List.of(arguments)));
    }

    private static int run(List<String> arguments) {
        Streams streams = Streams.take();
        try {
            Path home = Distribution.home();
            Options options = Options.parse(arguments, Surroundings.ofProcess(), home);
            switch (options.command()) {
                case HELP -> streams.out().print(Options.USAGE);
                case VERSION -> streams.out().println("plugin-manager " + version());
                case RUN -> new Main(options, home, streams.out()).daemon(streams.err());
                case SHELL -> throw new StartException("there is no shell yet", "use the socket");
            }
            return OK;
        } catch (UsageException e) {
            streams.err().println("plugin-manager: " + e.getMessage());
            streams.err().println("try 'plugin-manager --help'");
            return WRONG_USAGE;
        } catch (StartException e) {
            streams.err().println("plugin-manager: " + e.getMessage());
            return CANNOT_START;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return CANNOT_START;
        }
    }

    private void daemon(PrintStream log) throws StartException, InterruptedException {
        StateLock.take(options.state());
        Logs.start(options.config().resolve("logging.properties"), log);
        keepNativeLibrariesPrivate();
        Daemon daemon = Daemon.prepare(options, home);
        SignalHook hook = SignalHook.install(daemon);
        try {
            daemon.start();
        } catch (StartException e) {
            hook.awaitEndIfBegun();
            daemon.stop(SignalHook.STOP_MILLIS);
            throw e;
        }
        announce();
        daemon.awaitStop();
    }

    private void announce() {
        out.println(String.format(
                Locale.ROOT,
                "ready: %s (pid %d, %.2f s)",
                options.socket(),
                ProcessHandle.current().pid(),
                ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0));
    }

    /** Libraries that carry native code unpack it; a directory that others may write is no place for that. */
    private void keepNativeLibrariesPrivate() {
        System.setProperty("jna.tmpdir", options.runDirectory().toString());
        System.setProperty(
                "org.newsclub.net.unix.library.tmpdir", options.runDirectory().toString());
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }
}
