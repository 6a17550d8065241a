package org.circleosd.pluginmanager.nativeloader.process;

import java.io.IOException;
import java.nio.file.Path;
import org.circleosd.pluginmanager.nativeloader.program.WorkerFiles;

/** The program that workers run, with its files. Thread-safe. */
final class WorkerPrograms implements AutoCloseable {

    private final WorkerFiles files;

    private WorkerPrograms(WorkerFiles files) {
        this.files = files;
    }

    /**
     * Makes the files, and starts what makes later workers start faster.
     *
     * @param folder for them alone; made if it is missing, mode 0700; not on a file system mounted noexec
     * @param choice {@code auto}, {@code c} or {@code jvm}
     * @throws IllegalArgumentException if the choice is none
     * @throws IOException if they cannot be made, or if {@code c} was asked for and does not run here
     */
    static WorkerPrograms prepare(Path folder, String choice) throws IOException {
        return new WorkerPrograms(WorkerFiles.prepare(folder, choice));
    }

    /** Returns the program as it is best started now; ask anew for each start. */
    WorkerProgram program() {
        return new WorkerProgram(files.kind(), files.command(), files.readable(), files.environment());
    }

    /** Ends what goes on in the background; the files stay for the next start, and workers run on. */
    @Override
    public void close() {
        files.close();
    }
}
