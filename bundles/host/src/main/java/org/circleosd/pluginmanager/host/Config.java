package org.circleosd.pluginmanager.host;

/** Settings; the file {@code config/org.circleosd.pluginmanager.host.cfg} has the same keys with dots. */
@interface Config {
    /** Folder of the daemon's state; the copies of the plugin files go into its {@code store}. */
    String state_dir();

    /** Folders that plugin files must lie in, separated by commas; empty: anywhere. */
    String plugin_roots() default "";

    /** Largest plugin file, in bytes; positive. */
    long max_plugin_bytes() default 64L << 20;

    /** How long a call waits while a part that it needs is being replaced, in milliseconds; not negative. */
    long wait_ms() default 5_000;

    /**
     * How long a load waits until its plugin is ready for its first call, in milliseconds; not negative. What takes longer
     * goes on in the background: the plugin is loaded, and its calls wait.
     */
    long ready_wait_ms() default 2_000;

    /** How long calls in flight may go on when their plugin is closed or moved, in milliseconds; not negative. */
    long drain_ms() default 10_000;

    /** Time of one call when the manifest asks for none, in milliseconds; positive. */
    long default_timeout_ms() default 5_000;

    /** Most time of one call that a manifest can get, in milliseconds; positive. */
    long max_timeout_ms() default 60_000;

    /** Memory of one instance when the manifest asks for none, in bytes; positive. */
    long default_memory_bytes() default 64L << 20;

    /** Most memory of one instance that a manifest can get, in bytes; positive. */
    long max_memory_bytes() default 256L << 20;

    /** Largest result, and log, of one call when the manifest asks for none, in bytes; positive. */
    int default_output_bytes() default 1 << 20;

    /** Largest result, and log, of one call that a manifest can get, in bytes; positive. */
    int max_output_bytes() default 16 << 20;

    /**
     * Most calls of a plugin that run at once when the manifest asks for none; positive. -1: twice the number of
     * processors.
     */
    int default_concurrency() default -1;

    /** Most calls of a plugin that run at once that a manifest can get; positive. */
    int max_concurrency() default 256;

    /** Most calls that wait for a plugin when the manifest asks for none; not negative. */
    int default_queue() default 256;

    /** Most calls that wait for a plugin that a manifest can get; not negative. */
    int max_queue() default 65_536;

    /** Most that a plugin keeps as values, in bytes: keys, values, and 64 for each; not negative. */
    long kv_bytes() default 1 << 20;

    /** Most events that are kept for those who ask for them; positive. */
    int events_kept() default 1_024;

    /** Failures of what runs a plugin within the window that put it out of service; positive. */
    int failure_limit() default 5;

    /** The window in which those failures are counted, in milliseconds; positive. */
    long failure_window_ms() default 60_000;

    /**
     * Failed calls after an upgrade with which it is undone, when the manifest has no error budget: more than so many.
     * -1: upgrades of such plugins are not watched.
     */
    int error_budget_errors() default -1;

    /** The first calls after an upgrade, which are watched; positive. */
    int error_budget_calls() default 1_000;

    /** The time after an upgrade in which calls are watched, in milliseconds; positive. */
    long error_budget_ms() default 60_000;

    /** Whether the plugins that are kept stay closed at the start, until somebody enables them. */
    boolean safe_mode() default false;
}
