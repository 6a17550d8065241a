package org.circleosd.pluginmanager.worker.abi;

import org.jspecify.annotations.Nullable;

/** What the host does for one plugin that asks through its {@link HostTable}. Called from any thread of the plugin. */
public interface HostServices {

    /**
     * Writes to the plugin's log.
     *
     * @param text one that is longer was cut to {@link org.circleosd.pluginmanager.worker.wire.Frame#MAX_LOG_BYTES}
     */
    void log(int level, byte[] text);

    /** Returns the value of a key of the configuration. */
    Value config(String key);

    /** Returns a value that the plugin keeps. */
    Value get(String key);

    /**
     * Keeps a value.
     *
     * @param value null: delete
     * @return 0 or a code of {@link Abi}
     */
    int put(String key, byte @Nullable [] value);

    /** Says whether the call that runs on this thread is late. */
    boolean isCallLate();
}
