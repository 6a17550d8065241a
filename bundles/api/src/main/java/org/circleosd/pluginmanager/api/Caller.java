package org.circleosd.pluginmanager.api;

/**
 * Who asks.
 *
 * @param kind where the request came in: "socket", "shell", "deploy", or "plugin" for a call by another plugin
 * @param uid numeric user id of the asking process; -1 if the system does not tell
 * @param pid process id of the asking process; -1 if the system does not tell
 */
public record Caller(String kind, long uid, long pid) {

    /** A caller inside this process. */
    public static Caller local(String kind) {
        return new Caller(kind, -1, ProcessHandle.current().pid());
    }
}
