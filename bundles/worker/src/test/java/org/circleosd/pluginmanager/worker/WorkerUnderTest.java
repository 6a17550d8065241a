package org.circleosd.pluginmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The worker programs: each has to pass the same tests. */
enum WorkerUnderTest {
    /** The C program. The build makes none without a C compiler, but no test goes without one. */
    C {
        @Override
        List<String> command() {
            Path file = Path.of("target", "classes", "native", Platform.RESOURCE_PREFIX, "worker");
            assertThat(file)
                    .as("the C worker, which the build makes if it finds a C compiler: CC, or else cc")
                    .isExecutable();
            return List.of(file.toAbsolutePath().toString());
        }
    },

    /** The program of Java. */
    JVM {
        @Override
        List<String> command() {
            Path java = Path.of(System.getProperty("java.home"), "bin", "java");
            return List.of(
                    java.toString(), "-cp", System.getProperty("java.class.path"), WorkerProgram.class.getName());
        }
    };

    /** Returns the words that start it. */
    abstract List<String> command();

    /** Starts it in a directory and reads its first frame. */
    RunningWorker start(Path directory) throws IOException {
        return RunningWorker.start(command(), directory);
    }

    /** Starts it in a directory and loads the library that {@code worker/probe.c} became as plugin 1. */
    RunningWorker startWith(Path probe, Path directory) throws IOException {
        RunningWorker worker = start(directory);
        worker.load(1, probe, RunningWorker.PROBE);
        return worker;
    }
}
