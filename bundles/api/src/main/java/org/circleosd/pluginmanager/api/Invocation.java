package org.circleosd.pluginmanager.api;

/**
 * One call of a plugin's function.
 *
 * @param function name, as {@link PluginInfo#functions} has it
 * @param payload handed to the function; not changed by anyone while the call runs
 * @param caller who asks
 */
// The array is handed over, not copied: a payload may be a mebibyte and the path is hot.
@SuppressWarnings("ArrayRecordComponent")
public record Invocation(String function, byte[] payload, Caller caller) {}
