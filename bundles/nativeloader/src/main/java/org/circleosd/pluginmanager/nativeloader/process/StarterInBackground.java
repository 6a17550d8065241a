package org.circleosd.pluginmanager.nativeloader.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A starter that is prepared on another thread, which takes some hundred milliseconds: the daemon's start, and the end of
 * the bundle before this one, do not wait for it; who needs a worker does.
 */
final class StarterInBackground implements WorkerStarter {

    private static final System.Logger LOG = System.getLogger(StarterInBackground.class.getName());

    private final FutureTask<Prepared> preparation;

    /**
     * What was prepared.
     *
     * @param programs that the starter uses, to be closed after it
     */
    record Prepared(WorkerStarter starter, WorkerPrograms programs) {}

    StarterInBackground(Callable<Prepared> prepare, HostWork hostWork) {
        preparation = new FutureTask<>(() -> {
            try {
                return prepare.call();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.ERROR, "native plugins cannot run: {0}", e.getMessage());
                throw e;
            }
        });
        hostWork.start(preparation);
    }

    @Override
    public WorkerProcess start(Path home, NativeGrants grants) throws IOException {
        return prepared().starter().start(home, grants);
    }

    @Override
    public List<String> missing() throws IOException {
        return prepared().starter().missing();
    }

    @Override
    public List<String> missing(WorkerProcess process) throws IOException {
        return prepared().starter().missing(process);
    }

    @Override
    public void close() {
        try {
            Prepared prepared = prepared();
            prepared.starter().close();
            prepared.programs().close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "nothing was prepared for native plugins: {0}", e.getMessage());
        }
    }

    private Prepared prepared() throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return preparation.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IOException(cause == null ? e.getMessage() : cause.getMessage());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
