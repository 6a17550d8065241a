package org.circleosd.pluginmanager.worker;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.worker.abi.Abi;
import org.circleosd.pluginmanager.worker.abi.AbiLibrary;
import org.circleosd.pluginmanager.worker.abi.CallDeadlines;
import org.circleosd.pluginmanager.worker.abi.CallMemory;
import org.circleosd.pluginmanager.worker.abi.CallResult;
import org.circleosd.pluginmanager.worker.abi.HostServices;
import org.circleosd.pluginmanager.worker.abi.HostTable;
import org.circleosd.pluginmanager.worker.abi.PluginLibrary;
import org.circleosd.pluginmanager.worker.abi.RefusedException;
import org.circleosd.pluginmanager.worker.abi.Value;
import org.circleosd.pluginmanager.worker.wire.Body;
import org.circleosd.pluginmanager.worker.wire.BrokenFrameException;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;
import org.jspecify.annotations.Nullable;

/** One loaded library. The main thread hands it requests, its own threads serve them. */
final class Plugin implements HostServices {

    private final int number;
    private final WorkerServices worker;
    private final PluginThreads threads;
    private final CallDeadlines deadlines = new CallDeadlines();
    private final ThreadLocal<CallMemory> memory = ThreadLocal.withInitial(CallMemory::new);

    private volatile Map<String, byte[]> config = Map.of();
    private volatile long outputBytes;
    private volatile @Nullable AbiLibrary library;
    private volatile HostTable.@Nullable Entry table;

    Plugin(int number, WorkerServices worker) {
        this.number = number;
        this.worker = worker;
        this.threads = new PluginThreads("plugin-" + number);
        threads.grow(1);
    }

    /** Opens the library. */
    void load(int id, Body body) throws BrokenFrameException {
        LoadRequest request = LoadRequest.read(body);
        long deadline = deadline(request.timeoutMillis());
        threads.execute(() -> {
            deadlines.begin(deadline);
            try {
                String description = open(request);
                worker.replies()
                        .send(new FrameBytes(id, FrameKind.LOADED)
                                .u32(new Exports(request.symbols()).level())
                                .text(description));
            } catch (RefusedException e) {
                threads.finish(this::release);
                worker.replies()
                        .send(new FrameBytes(id, FrameKind.REFUSED)
                                .u32(e.stage().number())
                                .u32(e.code())
                                .text(e.text()));
            } finally {
                deadlines.end();
            }
        });
    }

    /** Calls it on so many threads from now on. */
    void threads(int count) {
        threads.grow(count);
    }

    /** Calls {@code plugin_invoke}. */
    void invoke(int id, Body body) throws BrokenFrameException {
        long deadline = deadline(body.u32());
        String function = body.text();
        byte[] payload = body.rest();
        call(id, deadline, opened -> opened.invoke(memory.get(), function, payload));
    }

    /** Calls a function whose result is what it prints. */
    void run(int id, Body body) throws BrokenFrameException {
        long deadline = deadline(body.u32());
        String function = body.text();
        Printing printing = worker.printing();
        call(
                id,
                deadline,
                opened -> printing == null || function.indexOf('\0') >= 0
                        ? CallResult.of(ResultStatus.NO_FUNCTION)
                        : printing.run(() -> opened.run(function), outputBytes));
    }

    /** Ends the plugin after its calls. */
    void unload(int id) {
        end(() -> worker.replies().send(new FrameBytes(id, FrameKind.UNLOADED)));
    }

    /** Ends the plugin after its calls, and runs something then; at once if it ended before. */
    void end(Runnable then) {
        boolean ends = threads.finish(() -> {
            AbiLibrary opened = library;
            if (opened != null) {
                opened.shutdown();
                worker.flush(memory.get());
            }
            release();
            then.run();
        });
        if (!ends) {
            then.run();
        }
    }

    @Override
    public void log(int level, byte[] text) {
        worker.replies()
                .send(new FrameBytes(0, FrameKind.LOG, text.length + 2 * Integer.BYTES)
                        .u32(number)
                        .u32(level)
                        .rest(text));
    }

    @Override
    public Value config(String key) {
        byte[] value = config.get(key);
        return value == null ? Value.none(Abi.NOT_FOUND) : new Value(Abi.OK, value);
    }

    @Override
    public Value get(String key) {
        return worker.questions().get(number, key);
    }

    @Override
    public int put(String key, byte @Nullable [] value) {
        return worker.questions().put(number, key, value);
    }

    @Override
    public boolean isCallLate() {
        return deadlines.isLate();
    }

    /** Returns what the plugin says of itself. */
    private String open(LoadRequest request) throws RefusedException {
        config = request.config();
        outputBytes = request.outputBytes();
        worker.setEnvironment(request.environment());
        AbiLibrary opened = new AbiLibrary(
                PluginLibrary.open(request.path(), new Exports(request.symbols())::mayHave), request.outputBytes());
        opened.checkVersion();
        HostTable.Entry entry = worker.table().add(this);
        table = entry;
        opened.attach(entry.address());
        opened.init(request.entry());
        String description = opened.describe();
        worker.flush(memory.get());
        library = opened;
        return description == null ? "" : description;
    }

    private void call(int id, long deadline, Call call) {
        boolean queued = threads.execute(() -> {
            deadlines.begin(deadline);
            try {
                AbiLibrary opened = library;
                CallResult result = opened == null ? CallResult.of(ResultStatus.NO_FUNCTION) : call.on(opened);
                worker.flush(memory.get());
                worker.replies().result(id, result);
            } finally {
                deadlines.end();
            }
        });
        if (!queued) {
            worker.replies().result(id, CallResult.of(ResultStatus.NO_FUNCTION));
        }
    }

    private void release() {
        HostTable.Entry entry = table;
        if (entry != null) {
            entry.close();
        }
        library = null;
    }

    private static long deadline(int millis) {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Integer.toUnsignedLong(millis));
    }

    @FunctionalInterface
    private interface Call {
        CallResult on(AbiLibrary library);
    }
}
