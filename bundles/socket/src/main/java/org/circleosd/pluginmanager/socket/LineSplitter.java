package org.circleosd.pluginmanager.socket;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of one connection into lines. A line ends with LF or CRLF; lines of blanks are skipped. Of a line that
 * is too long nothing is kept: its bytes are dropped up to the next line end. Holds memory only while a line is
 * unfinished. Not thread-safe.
 */
final class LineSplitter {

    /** An over-long line whose end does not come within this many limits is taken for a stream without lines. */
    static final int ENDLESS_FACTOR = 64;

    private static final int SMALLEST_BUFFER = 256;

    /** Where the lines go, in their order. */
    interface Sink {

        /** Takes a line that is not blank, without its line end. */
        void line(byte[] line);

        /** Stands for a line that is longer than the limit; called once for it, as soon as that is known. */
        void tooLong();

        /** Stands for a line for which there was no room in the budget. */
        void noRoom();
    }

    private final int limitBytes;
    private final BufferBudget budget;

    /** The start of an unfinished line; null if there is none. */
    private byte @Nullable [] partial;

    private int held;
    private boolean dropping;
    private long dropped;

    LineSplitter(int limitBytes, BufferBudget budget) {
        this.limitBytes = limitBytes;
        this.budget = budget;
    }

    /** Takes the next bytes, from the array's start. The array is the caller's again afterwards. */
    void feed(byte[] bytes, int length, Sink sink) {
        int start = 0;
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                finish(bytes, start, i, sink);
                start = i + 1;
            }
        }
        if (start < length) {
            keep(bytes, start, length, sink);
        }
    }

    /** Ends the stream: what has no line end counts as a line. */
    void end(Sink sink) {
        finish(new byte[0], 0, 0, sink);
    }

    /** Says whether an over-long line goes on so far that waiting for its end makes no sense. */
    boolean isEndless() {
        return dropped > (long) limitBytes * ENDLESS_FACTOR;
    }

    /** Gives the memory of an unfinished line back. */
    void release() {
        if (partial != null) {
            budget.release(partial.length);
            partial = null;
        }
        held = 0;
    }

    private void finish(byte[] bytes, int from, int to, Sink sink) {
        if (dropping) {
            dropping = false;
            dropped = 0;
            return;
        }
        int length = held + to - from;
        if (length > 0 && byteAt(length - 1, bytes, from) == '\r') {
            length--;
        }
        if (length > limitBytes) {
            release();
            sink.tooLong();
        } else if (isBlank(length, bytes, from)) {
            release();
        } else {
            byte[] line = join(length, bytes, from);
            release();
            sink.line(line);
        }
    }

    private void keep(byte[] bytes, int from, int to, Sink sink) {
        int count = to - from;
        if (dropping) {
            dropped += count;
            return;
        }
        // A carriage return may follow a line of full length.
        int length = held + count;
        if (length > limitBytes + 1 || (length == limitBytes + 1 && bytes[to - 1] != '\r')) {
            sink.tooLong();
            drop(count);
            return;
        }
        byte[] buffer = grown(length);
        if (buffer == null) {
            sink.noRoom();
            drop(count);
            return;
        }
        System.arraycopy(bytes, from, buffer, held, count);
        held = length;
    }

    private void drop(int count) {
        dropping = true;
        dropped = (long) held + count;
        release();
    }

    private byte @Nullable [] grown(int length) {
        byte[] now = partial;
        int size = now == null ? 0 : now.length;
        if (now != null && length <= size) {
            return now;
        }
        int wanted = (int) Math.min(Math.max(Math.max(2L * size, length), SMALLEST_BUFFER), limitBytes + 1L);
        if (!budget.tryReserve(wanted - size)) {
            return null;
        }
        byte[] larger = now == null ? new byte[wanted] : Arrays.copyOf(now, wanted);
        partial = larger;
        return larger;
    }

    private byte byteAt(int index, byte[] bytes, int from) {
        return partial != null && index < held ? partial[index] : bytes[from + index - held];
    }

    private boolean isBlank(int length, byte[] bytes, int from) {
        for (int i = 0; i < length; i++) {
            byte b = byteAt(i, bytes, from);
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    private byte[] join(int length, byte[] bytes, int from) {
        if (partial == null) {
            return Arrays.copyOfRange(bytes, from, from + length);
        }
        byte[] line = Arrays.copyOf(partial, length);
        if (length > held) {
            System.arraycopy(bytes, from, line, held, length - held);
        }
        return line;
    }
}
