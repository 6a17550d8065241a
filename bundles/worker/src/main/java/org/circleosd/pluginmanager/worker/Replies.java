package org.circleosd.pluginmanager.worker;

import java.io.IOException;
import java.io.OutputStream;
import org.circleosd.pluginmanager.worker.abi.CallResult;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;

/** What this process says to the daemon. Thread-safe. */
final class Replies {

    private static final int RESULT_HEAD_BYTES = 8;

    private final OutputStream out;

    Replies(OutputStream out) {
        this.out = out;
    }

    /** Sends a frame. Without a daemon there is nothing left to do: the process ends. */
    void send(FrameBytes frame) {
        byte[] bytes = frame.toBytes();
        try {
            synchronized (this) {
                out.write(bytes);
            }
        } catch (IOException e) {
            WorkerProgram.endWithDaemon();
        }
    }

    void result(int id, CallResult result) {
        send(new FrameBytes(id, FrameKind.RESULT, RESULT_HEAD_BYTES + result.bytes().length)
                .u32(result.status().number())
                .u32(result.code())
                .rest(result.bytes()));
    }
}
