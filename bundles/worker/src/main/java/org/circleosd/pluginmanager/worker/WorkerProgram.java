package org.circleosd.pluginmanager.worker;

import com.sun.jna.Platform;
import java.io.EOFException;
import java.io.IOException;

/**
 * The program: requests on descriptor 0, replies on 1, log on 2, as
 * {@link org.circleosd.pluginmanager.worker.wire.FrameKind} says. It ends when its requests end.
 */
public final class WorkerProgram {

    private static final int BROKEN = 1;

    private WorkerProgram() {}

    /** Starts it; the arguments are not looked at. */
    public static void main(String[] arguments) {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            log(thread.getName() + " failed", failure);
            Runtime.getRuntime().halt(BROKEN);
        });
        try {
            Confinement.endWithParent();
            WorkerPipes pipes = WorkerPipes.take(Platform.isWindows());
            new Dispatcher(pipes.requests(), WorkerServices.of(pipes)).run();
        } catch (EOFException e) {
            endWithDaemon();
        } catch (IOException e) {
            end(String.valueOf(e.getMessage()));
        }
    }

    /** Ends the process because its daemon ended; plugins are not asked. */
    static void endWithDaemon() {
        Runtime.getRuntime().halt(0);
    }

    /** Ends the process, which cannot go on. */
    static void end(String why) {
        log(why);
        Runtime.getRuntime().halt(BROKEN);
    }

    static void log(String text) {
        System.err.println("worker: " + text);
    }

    static void log(String text, Throwable failure) {
        log(text);
        failure.printStackTrace();
    }
}
