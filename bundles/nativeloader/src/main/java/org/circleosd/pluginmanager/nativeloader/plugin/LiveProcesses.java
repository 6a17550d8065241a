package org.circleosd.pluginmanager.nativeloader.plugin;

import java.time.Instant;

/** Names for processes that are not given twice, so that what a dead one left behind can be told and removed. */
public final class LiveProcesses {

    private LiveProcesses() {}

    /** Returns the name of this process: {@code PID-START}. */
    public static String ownName() {
        return name(ProcessHandle.current());
    }

    /** Says whether a text begins with the name of a process that lives; anything may follow after another hyphen. */
    public static boolean isLive(String text) {
        String[] parts = text.split("-", 3);
        if (parts.length < 2 || !parts[0].matches("[0-9]{1,18}")) {
            return false;
        }
        // In a container every start may have the same pid: the start time tells them apart.
        return ProcessHandle.of(Long.parseLong(parts[0]))
                .filter(process -> name(process).equals(parts[0] + "-" + parts[1]))
                .isPresent();
    }

    private static String name(ProcessHandle process) {
        long started = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return process.pid() + "-" + started;
    }
}
