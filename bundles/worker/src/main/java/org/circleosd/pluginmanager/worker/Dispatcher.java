package org.circleosd.pluginmanager.worker;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.circleosd.pluginmanager.worker.abi.CallResult;
import org.circleosd.pluginmanager.worker.wire.Body;
import org.circleosd.pluginmanager.worker.wire.BrokenFrameException;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;

/** Reads what the daemon asks, and sees to it that it is done. It never runs a plugin's code, so it never waits. */
final class Dispatcher {

    private static final int EXACT_MEMORY = 1;

    private final InputStream requests;
    private final WorkerServices worker;
    private final Map<Integer, Plugin> plugins = new HashMap<>();
    private boolean confined;

    Dispatcher(InputStream requests, WorkerServices worker) {
        this.requests = requests;
        this.worker = worker;
    }

    /** Goes on until the daemon ends. */
    void run() throws IOException {
        worker.replies()
                .send(new FrameBytes(0, FrameKind.READY)
                        .u32(FrameKind.PROTOCOL_VERSION)
                        .u32((int) ProcessHandle.current().pid())
                        .text("jvm"));
        while (true) {
            Frame frame = Frame.read(requests, Frame.MAX_REQUEST_BYTES);
            dispatch(frame.id(), frame.kind(), frame.body());
        }
    }

    private void dispatch(int id, FrameKind kind, Body body) throws IOException {
        switch (kind) {
            case PING -> worker.replies().send(new FrameBytes(id, FrameKind.PONG));
            case VALUE -> worker.questions().answer(id, body);
            case CONFINE -> confine(id, body);
            case LOAD -> load(id, body.u32(), body);
            case THREADS, INVOKE, RUN, UNLOAD -> forPlugin(id, kind, body.u32(), body);
            default -> throw new BrokenFrameException("a frame of kind " + kind + " came; that is for the daemon");
        }
    }

    private void confine(int id, Body body) throws IOException {
        if (confined || !plugins.isEmpty()) {
            throw new BrokenFrameException("a worker is confined once, before its first plugin");
        }
        confined = true;
        Rehearsal.run(worker);
        int uid = body.u32();
        int gid = body.u32();
        boolean exactMemory = (body.u32() & EXACT_MEMORY) != 0;
        Map<ConfineStep, Integer> steps = Confinement.confine(uid, gid, exactMemory, body.bytes());
        FrameBytes reply = new FrameBytes(id, FrameKind.CONFINED).u32(steps.size());
        steps.forEach((step, errno) -> reply.u32(step.number()).u32(errno));
        worker.replies().send(reply);
    }

    private void load(int id, int number, Body body) throws IOException {
        Plugin plugin = new Plugin(number, worker);
        if (plugins.putIfAbsent(number, plugin) != null) {
            throw new BrokenFrameException(
                    "plugin " + number + " was loaded before; each load has a number of its own");
        }
        plugin.load(id, body);
    }

    private void forPlugin(int id, FrameKind kind, int number, Body body) throws IOException {
        Plugin plugin = plugins.get(number);
        if (plugin == null) {
            WorkerProgram.log(kind + " came for plugin " + number + ", which was never loaded");
            answerAbsent(id, kind);
            return;
        }
        switch (kind) {
            case INVOKE -> plugin.invoke(id, body);
            case RUN -> plugin.run(id, body);
            case UNLOAD -> plugin.unload(id);
            default -> plugin.threads(threads(body));
        }
    }

    private static int threads(Body body) throws BrokenFrameException {
        int threads = body.u32();
        if (threads < 1 || threads > Frame.MAX_THREADS) {
            throw new BrokenFrameException(Integer.toUnsignedString(threads) + " threads were asked for; 1 to "
                    + Frame.MAX_THREADS + " can be had");
        }
        return threads;
    }

    private void answerAbsent(int id, FrameKind kind) {
        if (kind == FrameKind.INVOKE || kind == FrameKind.RUN) {
            worker.replies().result(id, CallResult.of(ResultStatus.NO_FUNCTION));
        } else if (kind == FrameKind.UNLOAD) {
            worker.replies().send(new FrameBytes(id, FrameKind.UNLOADED));
        }
    }
}
