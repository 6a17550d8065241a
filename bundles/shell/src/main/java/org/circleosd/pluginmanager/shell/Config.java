package org.circleosd.pluginmanager.shell;

/** Settings; the file {@code config/org.circleosd.pluginmanager.shell.cfg} has the same keys with dots. */
@interface Config {

    /** Configuration PID of the components of this bundle. */
    String PID = "org.circleosd.pluginmanager.shell";

    /** Socket that {@code plugin-manager shell} attaches to, in a folder of its own that only the daemon's user enters. */
    String path();

    /** File that keeps the command history of interactive shells. */
    String history();

    /** Most clients that are attached at the same time; 1 to 1000. */
    int max_sessions() default 16;

    /** How long a command waits while the plugin host is being replaced, in milliseconds; not negative. */
    long wait_ms() default 5_000;

    /**
     * How long commands may go on when the part that they use, or the shell itself, is being replaced, in milliseconds;
     * not negative.
     */
    long drain_ms() default 10_000;
}
