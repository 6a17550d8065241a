package org.circleosd.pluginmanager.engine.chicory.admission;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.engine.chicory.store.CodeImage;

/** What the child writes, in the order of its life: that it runs, how far it is, and the result. For one thread. */
public final class ChildOutput {

    private static final byte READY = 'h';
    private static final byte PROGRESS = 'p';
    private static final byte IMAGE = 'c';
    private static final byte REFUSAL = 'r';
    private static final int LONGEST_MESSAGE = 2_000;

    private final DataOutputStream out;

    /** Writes to the child's end of the pipe. */
    public ChildOutput(OutputStream pipe) {
        out = new DataOutputStream(new BufferedOutputStream(pipe, 1 << 16));
    }

    /** Says that the program has begun. */
    public void ready() throws IOException {
        out.writeByte(READY);
        out.flush();
    }

    /** Says how many functions are compiled. */
    public void progress(int compiled, int of) throws IOException {
        out.writeByte(PROGRESS);
        out.writeInt(compiled);
        out.writeInt(of);
        out.flush();
    }

    /** Hands over the compiled module. */
    public void image(CodeImage image) throws IOException {
        byte[] front = image.front();
        ByteBuffer classes = image.classes().bytes();
        out.writeByte(IMAGE);
        out.writeInt(front.length);
        out.write(front);
        out.writeInt(classes.remaining());
        byte[] chunk = new byte[1 << 16];
        while (classes.hasRemaining()) {
            int length = Math.min(chunk.length, classes.remaining());
            classes.get(chunk, 0, length);
            out.write(chunk, 0, length);
        }
        out.flush();
    }

    /** Says why there is none. */
    public void refusal(PluginException refusal) throws IOException {
        String message = refusal.getMessage();
        out.writeByte(REFUSAL);
        out.writeUTF(refusal.code().name());
        out.writeUTF(message.substring(0, Math.min(message.length(), LONGEST_MESSAGE)));
        out.flush();
    }

    /** What the parent does when it has read something. */
    @FunctionalInterface
    interface Step {

        /** Starts the child's life. */
        Step READY = progress -> Optional.empty();

        /**
         * Acts on what was read.
         *
         * @return the result if this was the last thing to read
         * @throws PluginException if the result is a refusal
         */
        Optional<CodeImage> take(CompileProgress progress);
    }

    /**
     * Reads the next thing. Nothing that is read is believed to be short.
     *
     * @throws IOException also if the child wrote what no child writes
     */
    static Step read(DataInputStream in, long mostBytes) throws IOException {
        byte kind = in.readByte();
        return switch (kind) {
            case READY -> Step.READY;
            case PROGRESS -> {
                int compiled = in.readInt();
                int of = in.readInt();
                yield progress -> {
                    progress.compiled(compiled, of);
                    return Optional.empty();
                };
            }
            case IMAGE -> {
                byte[] front = readBytes(in, mostBytes);
                CodeImage image = CodeImage.read(front, ByteBuffer.wrap(readBytes(in, mostBytes)));
                yield progress -> Optional.of(image);
            }
            case REFUSAL -> {
                PluginException refusal = refusal(in.readUTF(), in.readUTF());
                yield progress -> {
                    throw refusal;
                };
            }
            default -> throw new IOException("the child wrote the unknown kind " + kind);
        };
    }

    private static byte[] readBytes(DataInputStream in, long mostBytes) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > mostBytes) {
            throw new IOException("the child announced " + length + " bytes; at most " + mostBytes + " are possible");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static PluginException refusal(String code, String message) throws IOException {
        try {
            return new PluginException(ErrorCode.valueOf(code), message);
        } catch (IllegalArgumentException e) {
            throw new IOException("the child refused with the unknown code " + code, e);
        }
    }
}
