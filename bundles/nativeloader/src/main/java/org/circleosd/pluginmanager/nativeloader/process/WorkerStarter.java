package org.circleosd.pluginmanager.nativeloader.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Starts worker processes in the way of one system. Thread-safe. */
interface WorkerStarter extends AutoCloseable {

    /**
     * Starts a worker. All that confines it from outside is in place before its first instruction.
     *
     * @param home its working directory, of its own
     * @throws IOException if there can be no process; the message says why
     */
    WorkerProcess start(Path home, NativeGrants grants) throws IOException;

    /** Names the layers that {@code confinement = required} asks for and this machine cannot give, with the reason. */
    List<String> missing() throws IOException;

    /** Names those of them that a process that was started and confined lacks all the same. */
    List<String> missing(WorkerProcess process) throws IOException;

    /** Frees what all workers share; they are dead. */
    @Override
    void close();
}
