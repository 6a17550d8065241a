package org.circleosd.pluginmanager.worker;

import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.circleosd.pluginmanager.worker.abi.CallMemory;
import org.circleosd.pluginmanager.worker.wire.Body;
import org.circleosd.pluginmanager.worker.wire.BrokenFrameException;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;

/**
 * Does all that a worker does, with a library of JNA's, before there is a plugin: so the classes are there, and the files
 * that they come from are open. Later, as another user, this process cannot enter the daemon's folders any more; and the
 * load of a plugin takes no longer than the system's loader.
 */
final class Rehearsal {

    private static final int PLUGIN = 0;
    private static final int SHORT_MILLIS = 1000;
    private static final String NO_FUNCTION = "no such function";

    private Rehearsal() {}

    /** Returns when all was done once. */
    static void run(WorkerServices worker) throws BrokenFrameException {
        openClassFiles();
        worker.table().rehearse();
        new CallMemory().close();
        Plugin plugin = new Plugin(PLUGIN, worker.answering(new Replies(OutputStream.nullOutputStream())));
        plugin.load(
                1,
                body(begin(FrameKind.LOAD)
                        .text(System.getProperty("jnidispatch.path", ""))
                        .text("")
                        .u32(0)
                        .u64(1)
                        .u32(SHORT_MILLIS)
                        .u32(0)
                        .u32(0)));
        plugin.invoke(2, body(begin(FrameKind.INVOKE).u32(SHORT_MILLIS).text(NO_FUNCTION)));
        plugin.run(3, body(begin(FrameKind.RUN).u32(SHORT_MILLIS).text(NO_FUNCTION)));
        CountDownLatch done = new CountDownLatch(1);
        plugin.end(done::countDown);
        try {
            done.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the main thread", e);
        }
    }

    /** With an archive of classes Java opens their files only when a class is missing there. */
    private static void openClassFiles() {
        ClassLoader loader = Rehearsal.class.getClassLoader();
        if (loader != null && loader.getResource("no such resource") != null) {
            throw new IllegalStateException("a resource of that name exists");
        }
    }

    private static FrameBytes begin(FrameKind kind) {
        return new FrameBytes(0, kind);
    }

    private static Body body(FrameBytes frame) {
        byte[] bytes = frame.toBytes();
        return new Body(Arrays.copyOfRange(bytes, Frame.HEAD_BYTES, bytes.length));
    }
}
