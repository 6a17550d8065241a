package org.circleosd.pluginmanager.sandbox.extism;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Collects the body of a response up to a limit; one that is longer ends the exchange at once. Thread-safe. */
final class BoundedBody implements HttpResponse.BodySubscriber<byte[]> {

    /** For a moment a body is there twice: in parts, and whole. */
    private static final int COPIES = 2;

    private final long limit;
    private final MemoryAllowance allowance;
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final List<ByteBuffer> parts = new ArrayList<>();
    /** Bytes taken from the allowance. */
    private long reserved;

    private long size;
    private Flow.@Nullable Subscription subscription;

    /**
     * Makes the collector of one response.
     *
     * @param limit longest body, in bytes
     */
    BoundedBody(long limit, MemoryAllowance allowance) {
        this.limit = limit;
        this.allowance = allowance;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public synchronized void onSubscribe(Flow.Subscription begun) {
        subscription = begun;
        begun.request(Long.MAX_VALUE);
    }

    @Override
    public synchronized void onNext(List<ByteBuffer> received) {
        if (body.isDone()) {
            return;
        }
        long more = received.stream().mapToLong(ByteBuffer::remaining).sum();
        size += more;
        if (size > limit) {
            stop(new TooLong());
        } else if (!allowance.tryReserve(COPIES * more)) {
            stop(new IOException("the plugins' calls use all memory that they may; try again"));
        } else {
            reserved += COPIES * more;
            parts.addAll(received);
        }
    }

    @Override
    public void onError(Throwable problem) {
        body.completeExceptionally(problem);
    }

    @Override
    public synchronized void onComplete() {
        if (body.isDone()) {
            return;
        }
        byte[] all = new byte[(int) size];
        int at = 0;
        for (ByteBuffer part : parts) {
            int length = part.remaining();
            part.get(all, at, length);
            at += length;
        }
        body.complete(all);
    }

    /** Gives back what the parts took; called when the exchange is over, however it ended. */
    synchronized void release() {
        body.cancel(false);
        parts.clear();
        allowance.release(reserved);
        reserved = 0;
    }

    private void stop(IOException why) {
        if (subscription != null) {
            subscription.cancel();
        }
        parts.clear();
        body.completeExceptionally(why);
    }

    /** The body is longer than the limit. */
    static final class TooLong extends IOException {

        private static final long serialVersionUID = 1L;
    }
}
