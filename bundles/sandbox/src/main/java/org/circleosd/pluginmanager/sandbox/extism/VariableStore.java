package org.circleosd.pluginmanager.sandbox.extism;

import org.jspecify.annotations.Nullable;

/** What a plugin remembers from call to call, by name; all its guests share it. Thread-safe. */
interface VariableStore {

    /** Returns a value, which nobody changes; null if there is none. */
    byte @Nullable [] get(String name);

    /** Sets a value that nobody changes any more. */
    void set(String name, byte[] value);

    void remove(String name);
}
