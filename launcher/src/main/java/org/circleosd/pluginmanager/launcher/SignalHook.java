package org.circleosd.pluginmanager.launcher;

/** Stops the daemon on SIGTERM and SIGINT: drained within five seconds, exit status 0. */
final class SignalHook implements Runnable {

    /** Of the five seconds promised, what bundles have to stop; the rest is for the process itself. */
    static final long STOP_MILLIS = 4_000;

    private static final System.Logger LOG = System.getLogger(SignalHook.class.getName());

    private final Daemon daemon;
    private volatile boolean begun;

    private SignalHook(Daemon daemon) {
        this.daemon = daemon;
    }

    static SignalHook install(Daemon daemon) {
        SignalHook hook = new SignalHook(daemon);
        Runtime.getRuntime().addShutdownHook(new Thread(hook, "stop"));
        return hook;
    }

    @Override
    public void run() {
        begun = true;
        LOG.log(System.Logger.Level.INFO, "stopping");
        daemon.stop(STOP_MILLIS);
        LOG.log(System.Logger.Level.INFO, "stopped");
        // After a signal the machine would end with 128 + its number; having stopped as asked is success.
        Runtime.getRuntime().halt(0);
    }

    /** If the process is ending by a signal, never returns: a start that it cut short is no failure. */
    void awaitEndIfBegun() throws InterruptedException {
        if (begun) {
            Thread.currentThread().join();
        }
    }
}
