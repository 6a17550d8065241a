package org.circleosd.pluginmanager.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import org.apache.felix.service.command.CommandSession;

/**
 * Channels over a session's streams that an interrupt does not close. Those that gogo makes for a session are the
 * JDK's: when Ctrl-C interrupts a command that reads or writes, they close, and with them the session's input or
 * output for every later command. gogo offers no way to give it others, hence the reflection; the version of
 * gogo.runtime is pinned, and a test holds this.
 */
final class SteadyChannels {

    private SteadyChannels() {}

    static void install(CommandSession session, InputStream in, OutputStream out, OutputStream err) {
        try {
            Field field = Class.forName(
                            "org.apache.felix.gogo.runtime.CommandSessionImpl",
                            false,
                            session.getClass().getClassLoader())
                    .getDeclaredField("channels");
            field.setAccessible(true);
            Channel[] channels = (Channel[]) field.get(session);
            channels[0] = new Source(in);
            channels[1] = new Sink(out);
            channels[2] = out == err ? channels[1] : new Sink(err);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this gogo.runtime is not the one that we know: " + e, e);
        }
    }

    private static final class Source implements ReadableByteChannel {

        private final InputStream in;

        Source(InputStream in) {
            this.in = in;
        }

        @Override
        public int read(ByteBuffer buffer) throws IOException {
            if (!buffer.hasRemaining()) {
                return 0;
            }
            byte[] bytes = new byte[buffer.remaining()];
            // One byte, then what is there: a larger read would wait until the buffer is full.
            int first = in.read();
            if (first < 0) {
                return -1;
            }
            bytes[0] = (byte) first;
            int more = Math.min(in.available(), bytes.length - 1);
            int count = more > 0 ? Math.max(0, in.read(bytes, 1, more)) : 0;
            buffer.put(bytes, 0, 1 + count);
            return 1 + count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // The session's streams are closed by whoever opened them.
        }
    }

    private static final class Sink implements WritableByteChannel {

        private final OutputStream out;

        Sink(OutputStream out) {
            this.out = out;
        }

        @Override
        public int write(ByteBuffer buffer) throws IOException {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            out.write(bytes);
            out.flush();
            return bytes.length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // The session's streams are closed by whoever opened them.
        }
    }
}
