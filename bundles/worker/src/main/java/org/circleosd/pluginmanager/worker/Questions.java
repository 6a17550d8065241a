package org.circleosd.pluginmanager.worker;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.circleosd.pluginmanager.worker.abi.Value;
import org.circleosd.pluginmanager.worker.wire.Body;
import org.circleosd.pluginmanager.worker.wire.BrokenFrameException;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.jspecify.annotations.Nullable;

/** What plugins ask the daemon: each waits for its answer. Thread-safe. */
final class Questions {

    private static final byte[] EMPTY = {};

    private final Replies replies;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Value>> open = new ConcurrentHashMap<>();

    Questions(Replies replies) {
        this.replies = replies;
    }

    /** Asks for a value. */
    Value get(int plugin, String key) {
        int id = nextId();
        return ask(id, new FrameBytes(id, FrameKind.GET).u32(plugin).text(key));
    }

    /** Asks to keep a value, or to delete it. */
    int put(int plugin, String key, byte @Nullable [] value) {
        int id = nextId();
        FrameBytes frame = new FrameBytes(id, FrameKind.PUT).u32(plugin).text(key);
        frame.u32(value == null ? 0 : 1).rest(value == null ? EMPTY : value);
        return ask(id, frame).code();
    }

    /** Takes an answer. */
    void answer(int id, Body body) throws BrokenFrameException {
        Value value = new Value(body.u32(), body.rest());
        CompletableFuture<Value> asked = open.remove(id);
        if (asked == null) {
            throw new BrokenFrameException("a value came that nobody asked for");
        }
        asked.complete(value);
    }

    private Value ask(int id, FrameBytes frame) {
        CompletableFuture<Value> answer = new CompletableFuture<>();
        open.put(id, answer);
        replies.send(frame);
        return answer.join();
    }

    /** 0 is the id of what has no answer. */
    private int nextId() {
        int id = lastId.incrementAndGet();
        return id == 0 ? lastId.incrementAndGet() : id;
    }
}
