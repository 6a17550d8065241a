package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;

/** A worker process alone: its pipes are in the hands of the benchmark, nothing is confined, nobody supervises it. */
final class NativeWorker implements AutoCloseable {

    private static final int PLUGIN = 1;
    private static final int MAX_RESULT_BYTES = 2 << 20;
    private static final int TIMEOUT_MILLIS = 60_000;

    private final Process process;
    private final InputStream in;
    private final OutputStream out;
    private int lastId;

    /**
     * Starts it and returns when it is ready.
     *
     * @param folder its working directory
     */
    NativeWorker(List<String> command, Path folder) throws IOException {
        process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        in = process.getInputStream();
        out = process.getOutputStream();
        expect(FrameKind.READY, 0);
    }

    long pid() {
        return process.pid();
    }

    /** Loads a library of its folder. */
    void load(String file) throws IOException {
        send(new FrameBytes(++lastId, FrameKind.LOAD)
                .u32(PLUGIN)
                .text("./" + file)
                .text("")
                .u32(AbiSymbol.mask(name -> name.equals("plugin_invoke") || name.equals("plugin_free")))
                .u64(MAX_RESULT_BYTES)
                .u32(TIMEOUT_MILLIS)
                .u32(0)
                .u32(0));
        expect(FrameKind.LOADED, lastId);
    }

    /** Calls the plugin's echo. */
    void echo(byte[] payload) throws IOException {
        invoke("echo", payload);
        Frame result = expect(FrameKind.RESULT, lastId);
        if (ResultStatus.of(result.body().u32()) != ResultStatus.RETURNED
                || result.body().u32() != 0
                || result.body().rest().length != payload.length) {
            throw new IOException("a wrong echo of " + payload.length + " bytes");
        }
    }

    /** Calls what kills it, and returns when its pipe has ended. */
    void die(String death) throws IOException {
        invoke(death, new byte[0]);
        while (in.read() >= 0) {
            // What it wrote before it died is of no interest.
        }
    }

    private void invoke(String function, byte[] payload) throws IOException {
        send(new FrameBytes(++lastId, FrameKind.INVOKE, payload.length + 12 + function.length())
                .u32(PLUGIN)
                .u32(TIMEOUT_MILLIS)
                .text(function)
                .rest(payload));
    }

    private void send(FrameBytes frame) throws IOException {
        out.write(frame.toBytes());
        out.flush();
    }

    private Frame expect(FrameKind kind, int id) throws IOException {
        while (true) {
            Frame frame = Frame.read(in, MAX_RESULT_BYTES + 64);
            if (frame.kind() == kind && frame.id() == id) {
                return frame;
            }
            if (frame.kind() != FrameKind.LOG) {
                throw new IOException("the worker sent " + frame + " instead of " + kind + " to " + id);
            }
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
