package org.circleosd.pluginmanager.worker.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A process to be started.
 *
 * @param command the program's path and its arguments
 * @param environment all of it; nothing is inherited
 * @param directory where it begins; it may read there
 * @param readable files and folders that the program itself needs: it may read and run them. Those that do not exist are
 *     passed over
 * @param grants what it may use besides, each of which has to exist
 * @param network whether it may use the internet protocols
 * @param lockdown which filter its plugins run under
 */
public record ProcessPlan(
        List<String> command,
        Map<String, String> environment,
        Path directory,
        List<Path> readable,
        List<Grant> grants,
        boolean network,
        Lockdown lockdown) {

    /** Where the C library and others are, on the usual distributions; to be {@code readable} for any program. */
    public static final List<Path> LIBRARIES = List.of(
            Path.of("/lib"),
            Path.of("/lib64"),
            Path.of("/usr/lib"),
            Path.of("/usr/lib64"),
            Path.of("/usr/local/lib"),
            Path.of("/etc/ld.so.cache"));

    /** Copies the lists. */
    public ProcessPlan {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        readable = List.copyOf(readable);
        grants = List.copyOf(grants);
        if (command.isEmpty()) {
            throw new IllegalArgumentException("a process needs a command");
        }
    }

    /**
     * A file or folder that the operator granted.
     *
     * @param writable whether files may be changed, made and removed there; else they may be read only
     */
    public record Grant(Path path, boolean writable) {}
}
