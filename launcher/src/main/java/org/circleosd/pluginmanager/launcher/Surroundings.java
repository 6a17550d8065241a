package org.circleosd.pluginmanager.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Who runs us, and with which environment.
 *
 * @param environment the process's variables
 * @param root whether the user may do everything
 * @param userHome the user's home directory
 */
record Surroundings(Map<String, String> environment, boolean root, Path userHome) {

    /** Reads them from the process. */
    static Surroundings ofProcess() {
        return new Surroundings(System.getenv(), isRoot(), Path.of(System.getProperty("user.home")));
    }

    /** Returns a variable that is set and not empty. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    /** Returns where state is kept unless the user says otherwise. */
    Path stateDirectory() {
        if (root) {
            return Path.of("/var/lib/plugin-manager");
        }
        // The XDG specification: a relative path is to be ignored.
        return variable("XDG_STATE_HOME")
                .map(Path::of)
                .filter(Path::isAbsolute)
                .orElse(userHome.resolve(".local/state"))
                .resolve("plugin-manager");
    }

    private static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException | UnsupportedOperationException e) {
            // Not Linux: the name has to do.
            return System.getProperty("user.name").equals("root");
        }
    }
}
