package org.circleosd.pluginmanager.worker;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;

/** The worker that is a JVM, with threads that open and close files all the time. */
final class BusyWorker {

    private static final int THREADS = 4;

    private BusyWorker() {}

    public static void main(String[] arguments) throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(THREADS);
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> openFiles(busy), "opens files");
            thread.setDaemon(true);
            thread.start();
        }
        busy.await();
        WorkerProgram.main(arguments);
    }

    private static void openFiles(CountDownLatch busy) {
        while (true) {
            try (FileInputStream file = new FileInputStream("/proc/self/cgroup")) {
                file.read();
                busy.countDown();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
