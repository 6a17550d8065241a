package org.circleosd.pluginmanager.nativeloader.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A program that can be a worker, with all that it needs to run.
 *
 * @param kind {@code c} or {@code jvm}
 * @param command to start it: the program's absolute path and its arguments
 * @param readable files and folders that it reads or executes, with the libraries that plugins need
 * @param environment all that it sees
 */
record WorkerProgram(String kind, List<String> command, List<Path> readable, Map<String, String> environment) {

    /** Copies the collections. */
    WorkerProgram {
        command = List.copyOf(command);
        readable = List.copyOf(readable);
        environment = Map.copyOf(environment);
    }
}
