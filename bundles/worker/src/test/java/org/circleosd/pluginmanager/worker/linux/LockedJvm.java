package org.circleosd.pluginmanager.worker.linux;

import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;

/** Program of a JVM that confines itself as it is told, and then says on stdout what still works. */
final class LockedJvm {

    private LockedJvm() {}

    public static void main(String[] arguments) throws Exception {
        // A daemon thread: if this fails, the process has to end.
        ExecutorService before = Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "older");
            thread.setDaemon(true);
            return thread;
        });
        before.submit(() -> "the thread is there").get();
        System.out.println("up " + (SelfConfinement.armParentDeath() == 0) + " " + SelfConfinement.parent());

        DataInputStream in = new DataInputStream(System.in);
        int uid = in.readInt();
        int gid = in.readInt();
        boolean exactMemory = in.readBoolean();
        byte[] filter = in.readNBytes(in.readInt());
        System.out.println(new TreeMap<ConfineStep, Integer>(SelfConfinement.confine(uid, gid, exactMemory, filter)));

        say("threads", LockedJvm::threads);
        say("memory", LockedJvm::memory);
        say("random", () -> new SecureRandom().nextLong());
        say("class", () -> Class.forName("java.util.concurrent.Phaser").getName());
        say("implicit null check", LockedJvm::nullCheck);
        say("file", () -> new FileInputStream("/etc/shadow"));
        say("program", () -> new ProcessBuilder("/bin/true").start());
        say("socket", LockedJvm::socket);
        say("socket of an older thread", () -> unpack(before.submit(LockedJvm::socket)));
        say("file of an older thread", () -> unpack(before.submit(() -> Files.readString(Path.of("/etc/shadow")))));
        System.out.println("end");
        if (System.in.read() < 0) {
            System.out.println("requests ended");
        }
    }

    private static Object unpack(Future<?> future) throws Exception {
        try {
            return future.get();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IOException(
                    e.getCause().getClass().getSimpleName() + " " + e.getCause().getMessage());
        }
    }

    private static void say(String what, Callable<?> work) {
        try {
            work.call();
            System.out.println(what + ": ok");
        } catch (Exception e) {
            System.out.println(what + ": " + e.getClass().getSimpleName());
        }
    }

    // Not a socket of Java: from JDK 25 on its classes cannot be initialised here, as they need a pair of sockets.
    private static Object socket() throws IOException {
        if (CFunction.of("socket").call(2, 1, 0) < 0) {
            throw new IOException(Errno.text(CFunction.errno()));
        }
        return "made";
    }

    private static Object threads() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread thread = new Thread(LockedJvm::compute);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return threads;
    }

    // Long enough for the compilers.
    private static void compute() {
        long sum = 0;
        for (int i = 0; i < 3_000_000; i++) {
            sum += i ^ sum << 1;
        }
        if (sum == 42) {
            System.out.println(sum);
        }
    }

    private static Object memory() {
        int sum = 0;
        for (int i = 0; i < 200; i++) {
            sum += new byte[1 << 20].length;
        }
        System.gc();
        return sum;
    }

    private static Object nullCheck() {
        int caught = 0;
        Object nothing = System.getProperty("no.such.property");
        for (int i = 0; i < 20_000; i++) {
            try {
                nothing.hashCode();
            } catch (NullPointerException e) {
                caught++;
            }
        }
        if (caught != 20_000) {
            throw new IllegalStateException("caught " + caught);
        }
        return caught;
    }
}
