package org.circleosd.pluginmanager.launcher;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Reads the command line and runs the daemon, or its shell client. */
public final class Main {

    private static final int OK = 0;
    private static final int CANNOT_START = 1;
    private static final int WRONG_USAGE = 2;

    /** What bundles have to stop after a failed start; nobody was served yet. */
    private static final long FAILED_STOP_MILLIS = 2_000;

    /** Set by the start script: standard input and output are a terminal. */
    private static final String TERMINAL = "plugin.manager.terminal";

    private final Options options;
    private final Path home;
    private final Streams streams = Streams.take();

    private Main(Options options, Path home) {
        this.options = options;
        this.home = home;
    }

    /** Runs the program; does not return. */
    public static void main(String[] arguments) {
        Logs.prepare();
        int status = run(List.of(arguments));
        System.out.flush();
        // Not exit: the hook for signals would run and set a status of its own.
        Runtime.getRuntime().halt(status);
    }

    private static int run(List<String> arguments) {
        try {
            Path home = Distribution.home();
            Options options = Options.parse(arguments, Surroundings.ofProcess(), home);
            switch (options.command()) {
                case HELP -> System.out.print(Options.USAGE);
                case VERSION -> System.out.println("plugin-manager " + version());
                case LOCK -> System.out.println(new BundlesLock(options, home).write());
                case SHELL -> {
                    return ShellClient.run(options.shellSocket(), options.shellCommand());
                }
                case RUN -> new Main(options, home).runDaemon();
            }
            return OK;
        } catch (UsageException e) {
            System.err.println("plugin-manager: " + e.getMessage());
            System.err.println("try 'plugin-manager --help'");
            return WRONG_USAGE;
        } catch (StartException e) {
            System.err.println("plugin-manager: " + e.getMessage());
            return CANNOT_START;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return CANNOT_START;
        }
    }

    private void runDaemon() throws StartException, InterruptedException {
        StateLock.take(options.state());
        Logs.start(options.config().resolve("logging.properties"), streams.err());
        keepNativeLibrariesPrivate();
        Daemon daemon = Daemon.prepare(options, home);
        SignalHook hook = SignalHook.install(daemon);
        try {
            daemon.start();
        } catch (StartException e) {
            hook.awaitEndIfBegun();
            daemon.stop(FAILED_STOP_MILLIS);
            throw e;
        }
        announce();
        if (options.shell().orElse(Boolean.getBoolean(TERMINAL))) {
            int status = ShellClient.run(options.shellSocket(), List.of());
            if (status != OK && Boolean.getBoolean(TERMINAL)) {
                // Nobody asked for the end: the shell itself was stopped or could not be reached.
                System.err.println("plugin-manager: the shell is gone, the daemon goes on; end it with Ctrl-C");
                daemon.awaitStop();
            }
            hook.awaitEndIfBegun();
            daemon.stop(SignalHook.STOP_MILLIS);
        } else {
            daemon.awaitStop();
            hook.awaitEndIfBegun();
        }
    }

    private void announce() {
        streams.out()
                .println(String.format(
                        Locale.ROOT,
                        "ready: %s (pid %d, %.2f s)",
                        options.socket(),
                        ProcessHandle.current().pid(),
                        ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0));
    }

    /** Libraries that carry native code unpack it; a directory that others may write is no place for that. */
    private void keepNativeLibrariesPrivate() {
        String run = options.runDirectory().toString();
        System.setProperty("jna.tmpdir", run);
        System.setProperty("org.newsclub.net.unix.library.tmpdir", run);
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }
}
