package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Confines its thread, starts a process, which inherits the confinement, and waits for its end. The thread lives as long
 * as the process, whose parent-death signal is tied to it.
 *
 * <p>A confined thread is a danger to the daemon: a class that it was the first to need could not be read, and would be
 * broken for all; a thread that it started would be confined for ever. So {@link #run} does nothing but make calls that
 * were put together before and tell the threads that wait for
 * it; and {@link #rehearse} runs all of it before, unconfined.
 */
final class OwnerThread implements Runnable {

    private static final CFunction KILL = CFunction.of("kill");
    private static final CFunction WAIT = CFunction.of("waitid");
    private static final int P_PID = 1;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x100_0000;

    /** {@code siginfo_t} and where it has {@code si_code} and {@code si_status}. */
    private static final int INFO_BYTES = 128;

    private static final int INFO_CODE = 8;
    private static final int INFO_STATUS = 24;
    private static final int CLD_EXITED = 1;
    private static final int CLD_KILLED = 2;
    private static final int CLD_DUMPED = 3;

    /** Enough for JNA's calls; the JVM takes no less. */
    private static final long STACK_BYTES = 192L << 10;

    private final Step[] confinement;
    private final PreparedCall spawn;
    private final Memory pidCell;
    private final PreparedCall wait;
    private final PreparedCall reap;
    private final Memory info = new Memory(INFO_BYTES);

    // Guarded by this.
    private State state = State.STARTING;
    private String failure = "";
    private int errno;
    private int pid;
    private int endCode;
    private int endStatus;

    /**
     * Prepares a start.
     *
     * @param confinement calls that have to return 0, in this order
     * @param spawn returns an errno, or 0
     * @param pidCell where {@code spawn} leaves the pid
     */
    OwnerThread(List<Step> confinement, PreparedCall spawn, Memory pidCell) {
        this(confinement, spawn, pidCell, WAIT);
    }

    private OwnerThread(List<Step> confinement, PreparedCall spawn, Memory pidCell, CFunction waitFunction) {
        this.confinement = confinement.toArray(new Step[0]);
        this.spawn = spawn;
        this.pidCell = pidCell;
        info.clear();
        this.wait = waitFunction.prepare(P_PID, 0, Pointer.nativeValue(info), WEXITED | WNOWAIT, 0);
        this.reap = waitFunction.prepare(P_PID, 0, 0, WEXITED, 0);
    }

    /**
     * Runs all that {@link #run} can come to, with calls that change nothing, so that every class is loaded.
     *
     * @throws InterruptedException if the thread was interrupted meanwhile
     */
    static void rehearse() throws InterruptedException {
        CFunction succeeds = CFunction.of("sched_yield");
        try (Memory pidCell = new Memory(Long.BYTES)) {
            pidCell.clear();
            PreparedCall works = succeeds.prepare(0, 0);
            PreparedCall fails = WAIT.prepare(-1, 0, 0, 0, 0);
            Step step = new Step("rehearse", works);
            new OwnerThread(List.of(step), works, pidCell, succeeds).perform();
            new OwnerThread(List.of(step), works, pidCell, WAIT).perform();
            new OwnerThread(List.of(step), fails, pidCell, WAIT).perform();
            new OwnerThread(List.of(new Step("rehearse", fails)), works, pidCell, WAIT).perform();
        }
    }

    private void perform() throws InterruptedException {
        Thread thread = start("worker-owner-rehearsal");
        thread.join();
    }

    /** Begins; the thread's name is for people. */
    Thread start(String name) {
        Thread thread = new Thread(null, this, name, STACK_BYTES, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        thread.start();
        return thread;
    }

    @Override
    public void run() {
        try {
            for (Step step : confinement) {
                if (step.call().make() != 0) {
                    failed(step.name(), CFunction.errno());
                    return;
                }
            }
            int error = spawn.make();
            if (error != 0) {
                failed("start the program", error);
                return;
            }
            int child = pidCell.getInt(0);
            started(child);
            wait.set(1, child);
            reap.set(1, child);
            int result;
            do {
                result = wait.make();
            } while (result != 0 && CFunction.errno() == Errno.EINTR);
            ended();
        } catch (RuntimeException | Error e) {
            // No memory left, in effect. This thread's end ends the process as well; nothing may be logged from here.
            failed("run the thread that owns the process", Errno.ENOMEM);
        }
    }

    private synchronized void started(int child) {
        pid = child;
        state = State.RUNNING;
        notifyAll();
    }

    private synchronized void failed(String what, int error) {
        failure = what;
        errno = error;
        state = State.ENDED;
        notifyAll();
    }

    // Under the lock: until it is reaped the pid is its own, so that a signal cannot hit another process.
    private synchronized void ended() {
        endCode = info.getInt(INFO_CODE);
        endStatus = info.getInt(INFO_STATUS);
        reap.make();
        state = State.ENDED;
        notifyAll();
    }

    /**
     * Waits until the process was started; not longer than the system takes for that.
     *
     * @return its pid
     * @throws IOException if it could not be confined or started
     */
    synchronized int awaitStart() throws IOException {
        boolean interrupted = false;
        while (state == State.STARTING) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!failure.isEmpty()) {
            throw new IOException("cannot " + failure + ": " + Errno.text(errno));
        }
        return pid;
    }

    /** Waits for the end of the process; null if the time is over before. */
    synchronized @Nullable Death awaitEnd(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (state != State.ENDED) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return null;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        if (endCode == CLD_EXITED) {
            return new Death(Death.Cause.EXIT, endStatus);
        }
        boolean signal = endCode == CLD_KILLED || endCode == CLD_DUMPED;
        return new Death(signal ? Death.Cause.SIGNAL : Death.Cause.UNKNOWN, endStatus);
    }

    /** Sends a signal; nothing happens if the process has ended. */
    synchronized void signal(int number) {
        if (state == State.RUNNING) {
            KILL.call(pid, number);
        }
    }

    /**
     * A call that confines.
     *
     * @param name what it does, after "cannot"
     */
    record Step(String name, PreparedCall call) {}

    private enum State {
        STARTING,
        RUNNING,
        ENDED
    }
}
