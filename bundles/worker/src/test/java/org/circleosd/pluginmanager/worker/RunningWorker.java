package org.circleosd.pluginmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.circleosd.pluginmanager.worker.wire.LoadStage;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;

/** A worker process and the daemon's end of its pipes. Closing it ends the process. */
final class RunningWorker implements AutoCloseable {

    static final int OUTPUT_BYTES = 1 << 20;
    static final int LONG_MILLIS = 60_000;
    static final int PROBE = mask("plugin_abi", "plugin_attach", "plugin_init", "plugin_describe", "plugin_invoke")
            | mask("plugin_free", "plugin_shutdown");

    private static final int MOST_BYTES = 16 << 20;

    private final Process process;
    private final OutputStream requests;
    private final InputStream replies;
    private final ReadLog log;
    private final Frame ready;
    private int lastId;

    private RunningWorker(Process process, OutputStream requests, InputStream replies) throws IOException {
        this.process = process;
        this.requests = requests;
        this.replies = replies;
        this.log = new ReadLog(process.getErrorStream());
        this.ready = first();
    }

    private Frame first() throws IOException {
        try {
            return next();
        } catch (EOFException e) {
            throw new AssertionError(
                    "the worker ended before it was ready: " + process + "; it printed " + log.text(), e);
        }
    }

    static RunningWorker start(List<String> command, Path directory) throws IOException {
        Process process =
                new ProcessBuilder(command).directory(directory.toFile()).start();
        return new RunningWorker(process, process.getOutputStream(), process.getInputStream());
    }

    /** Starts it as the child of a shell, which is then the process, with pipes that stay open when the shell ends. */
    static RunningWorker startBelowShell(List<String> command, Path directory)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("sh", "-c", "\"$@\" <in >out & wait", "sh"));
        words.addAll(command);
        TestPlugins.run(List.of(
                "mkfifo",
                directory.resolve("in").toString(),
                directory.resolve("out").toString()));
        Process shell = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        OutputStream requests = new FileOutputStream(directory.resolve("in").toFile());
        return new RunningWorker(
                shell, requests, new FileInputStream(directory.resolve("out").toFile()));
    }

    Process process() {
        return process;
    }

    Frame ready() {
        return ready;
    }

    static int mask(String... symbols) {
        return AbiSymbol.mask(List.of(symbols)::contains);
    }

    FrameBytes request(FrameKind kind) {
        return new FrameBytes(++lastId, kind);
    }

    /** Sends a request and returns its id. */
    int send(FrameBytes frame) throws IOException {
        write(frame.toBytes());
        return lastId;
    }

    void write(byte[] bytes) throws IOException {
        requests.write(bytes);
        requests.flush();
    }

    /** Ends the requests. */
    void endRequests() throws IOException {
        requests.close();
    }

    Frame next() throws IOException {
        return Frame.read(replies, MOST_BYTES);
    }

    /** Reads the next frame, which has to be the reply of a kind. */
    Frame reply(int id, FrameKind kind) throws IOException {
        Frame frame = next();
        assertThat(frame.kind()).isEqualTo(kind);
        assertThat(frame.id()).isEqualTo(id);
        return frame;
    }

    int sendLoad(
            int plugin, String path, String entry, int symbols, Map<String, String> config, Map<String, String> env)
            throws IOException {
        FrameBytes load = request(FrameKind.LOAD)
                .u32(plugin)
                .text(path)
                .text(entry)
                .u32(symbols)
                .u64(OUTPUT_BYTES)
                .u32(LONG_MILLIS);
        for (Map<String, String> settings : List.of(config, env)) {
            load.u32(settings.size());
            settings.forEach((key, value) -> load.text(key).text(value));
        }
        return send(load);
    }

    /** Loads a plugin and returns its level and description. */
    Loaded load(int plugin, Path library, int symbols) throws IOException {
        return loaded(sendLoad(plugin, library.toString(), "", symbols, Map.of(), Map.of()));
    }

    Loaded loaded(int id) throws IOException {
        Frame frame = reply(id, FrameKind.LOADED);
        return new Loaded(frame.body().u32(), frame.body().text());
    }

    Refused refused(int id) throws IOException {
        Frame frame = reply(id, FrameKind.REFUSED);
        return new Refused(
                LoadStage.of(frame.body().u32()),
                frame.body().u32(),
                frame.body().text());
    }

    int sendInvoke(int plugin, String function, byte[] payload, int millis) throws IOException {
        return send(
                request(FrameKind.INVOKE).u32(plugin).u32(millis).text(function).rest(payload));
    }

    int sendInvoke(String function, String payload) throws IOException {
        return sendInvoke(1, function, payload.getBytes(StandardCharsets.UTF_8), LONG_MILLIS);
    }

    /** Calls a function of plugin 1. */
    Result invoke(String function, String payload) throws IOException {
        return result(sendInvoke(function, payload));
    }

    int sendRun(String function) throws IOException {
        return send(request(FrameKind.RUN).u32(1).u32(LONG_MILLIS).text(function));
    }

    /** Calls a void function of plugin 1. */
    Result run(String function) throws IOException {
        return result(sendRun(function));
    }

    Result result(int id) throws IOException {
        return result(reply(id, FrameKind.RESULT));
    }

    static Result result(Frame frame) throws IOException {
        return new Result(
                ResultStatus.of(frame.body().u32()),
                frame.body().u32(),
                frame.body().rest());
    }

    void answer(int question, int code, byte[] value) throws IOException {
        write(new FrameBytes(question, FrameKind.VALUE).u32(code).rest(value).toBytes());
    }

    /** Waits until the process ended by itself; then all of its log is there. */
    int exitStatus() throws InterruptedException {
        int status = process.waitFor();
        log.awaitEnd();
        return status;
    }

    ReadLog log() {
        return log;
    }

    @Override
    public void close() throws IOException {
        try {
            requests.close();
        } finally {
            process.onExit()
                    .orTimeout(20, TimeUnit.SECONDS)
                    .exceptionally(late -> process.destroyForcibly())
                    .join();
        }
    }

    /** What {@link FrameKind#LOADED} says. */
    record Loaded(int level, String description) {}

    /** What {@link FrameKind#REFUSED} says. */
    record Refused(LoadStage stage, int code, String message) {}

    /** What {@link FrameKind#RESULT} says. */
    record Result(ResultStatus status, int code, byte[] bytes) {

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        /** Returns the text of a call that went well. */
        String good() {
            assertThat(this).returns(ResultStatus.RETURNED, Result::status).returns(0, Result::code);
            return text();
        }

        @Override
        public String toString() {
            return status + " " + code + " "
                    + new String(Arrays.copyOf(bytes, Math.min(bytes.length, 200)), StandardCharsets.UTF_8);
        }
    }
}
