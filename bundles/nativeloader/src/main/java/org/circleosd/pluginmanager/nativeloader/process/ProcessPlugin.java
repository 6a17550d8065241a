package org.circleosd.pluginmanager.nativeloader.process;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.worker.abi.CallResult;
import org.circleosd.pluginmanager.worker.wire.BrokenFrameException;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;

/** A plugin in a process of its own or of its group, in whichever worker that process has at the moment. */
final class ProcessPlugin implements LoadedPlugin {

    private static final int MOST_WARNING_MILLIS = 200;

    private final LibraryLoading library;
    private final PluginProcess process;
    private final Duration timeout;
    private final Duration shutdownBound;
    private final Consumer<LoadedPlugin> whenClosed;
    private final AtomicBoolean closed = new AtomicBoolean();

    private volatile LoadedLibrary loaded = LoadedLibrary.NOWHERE;

    /**
     * Makes a plugin that is nowhere yet.
     *
     * @param shutdownBound how long its {@code plugin_shutdown} may take
     */
    ProcessPlugin(
            LibraryLoading library, PluginProcess process, Duration shutdownBound, Consumer<LoadedPlugin> whenClosed) {
        this.library = library;
        this.process = process;
        this.timeout = library.limits().timeout();
        this.shutdownBound = shutdownBound;
        this.whenClosed = whenClosed;
    }

    // What the host asks

    @Override
    public String abi() {
        return loaded.level() == 0 ? "native-0" : "native-1";
    }

    @Override
    public List<String> functions() {
        return loaded.functions();
    }

    @Override
    public List<String> isolation() {
        return loaded.layers();
    }

    @Override
    public List<String> unenforced() {
        return loaded.unenforced();
    }

    @Override
    public Map<String, String> details() {
        Map<String, String> details = new LinkedHashMap<>();
        process.worker().ifPresent(worker -> details.put("process", worker.pid() + ", program " + worker.program()));
        details.putAll(library.file().details());
        return details;
    }

    @Override
    public Optional<String> failure() {
        return process.failure();
    }

    @Override
    public int maxConcurrency() {
        return loaded.concurrent() ? library.threads() : 1;
    }

    @Override
    public byte[] invoke(Invocation invocation) {
        String function = invocation.function();
        if (function.indexOf('\0') >= 0) {
            throw new PluginException(ErrorCode.FUNCTION_NOT_FOUND, "a function's name has no NUL character");
        }
        byte[] name = function.getBytes(StandardCharsets.UTF_8);
        long deadline = deadline();
        while (true) {
            Worker worker = process.awaitWorker(deadline);
            LoadedLibrary where = loaded;
            if (where.worker() != worker) {
                // It moved on between the two looks; its process is another one now.
                continue;
            }
            try {
                return result(function, call(where, worker, name, invocation.payload(), deadline), worker);
            } catch (WorkerEnd.DiedException e) {
                if (e.taken()) {
                    throw process.crashed(e.end());
                }
                // The worker never saw the request: the next one gets it.
            } catch (TimeoutException e) {
                process.late(worker, "'" + function + "' of plugin '" + name() + "'");
                throw timeout("'" + function + "'");
            }
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            process.unload(this, shutdownBound);
            whenClosed.accept(this);
        }
    }

    // What its process asks

    String name() {
        return library.context().id().value();
    }

    /** Returns the {@link System#nanoTime} at which something that begins now is late. */
    long deadline() {
        return System.nanoTime() + timeout.toNanos();
    }

    long memoryBytes() {
        return library.limits().memoryBytes();
    }

    /**
     * Loads it into a worker.
     *
     * @param memoryBytes what the worker may use from now on
     */
    void loadInto(Worker worker, long memoryBytes) throws WorkerEnd.DiedException, TimeoutException {
        loaded = library.loadInto(worker, memoryBytes);
    }

    /** Ends it in its worker; false if that took too long. */
    boolean unloadFrom(Worker worker, Duration bound) {
        int id = worker.nextId();
        try {
            FrameBytes request = new FrameBytes(id, FrameKind.UNLOAD).u32(loaded.number());
            worker.ask(id, request, System.nanoTime() + bound.toNanos());
            return true;
        } catch (WorkerEnd.DiedException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        } finally {
            worker.remove(loaded.number());
        }
    }

    void report(PluginEvent.Kind kind, String reason) {
        library.context().report(kind, reason);
    }

    /** Makes the failure of what did not end in time. */
    PluginException timeout(String what) {
        return new PluginException(
                ErrorCode.TIMEOUT,
                what + " did not end within " + timeout.toMillis() + " ms; its process was ended, the next call gets a"
                        + " fresh one");
    }

    private Frame call(LoadedLibrary where, Worker worker, byte[] function, byte[] payload, long deadline)
            throws WorkerEnd.DiedException, TimeoutException {
        int id = worker.nextId();
        FrameKind kind = where.level() == 0 ? FrameKind.RUN : FrameKind.INVOKE;
        // The plugin hears of its deadline a little before it has passed, so that it can still end by itself.
        long millis = Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
        millis -= Math.min(MOST_WARNING_MILLIS, millis / 5);
        FrameBytes request = new FrameBytes(id, kind, 12 + function.length + payload.length)
                .u32(where.number())
                .u32((int) Math.min(Integer.MAX_VALUE, millis))
                .bytes(function);
        if (kind == FrameKind.INVOKE) {
            request.rest(payload);
        }
        return worker.ask(id, request, deadline);
    }

    private byte[] result(String function, Frame reply, Worker worker) {
        try {
            if (reply.kind() != FrameKind.RESULT) {
                throw new BrokenFrameException("a call was answered with " + reply.kind());
            }
            ResultStatus status = ResultStatus.of(reply.body().u32());
            int code = reply.body().u32();
            return library.failures()
                    .result(function, new CallResult(status, code, reply.body().rest()));
        } catch (BrokenFrameException e) {
            worker.kill("it broke the protocol: " + e.getMessage());
            throw new PluginException(
                    ErrorCode.PLUGIN_CRASHED,
                    "native plugin '" + name() + "': its worker broke the protocol: " + e.getMessage());
        }
    }
}
