package org.circleosd.pluginmanager.engine.chicory;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.IntPredicate;

/**
 * The outer form of a valid module: its sections, and the bodies of its functions.
 *
 * @see <a href="https://webassembly.github.io/spec/core/binary/modules.html">binary format</a>
 */
final class ModuleSections {

    private static final int HEADER = 8;
    private static final int CUSTOM = 0;
    private static final int CODE = 10;
    /** A body of two bytes: no locals, {@code unreachable}; then the end. */
    private static final byte[] NO_CODE = {3, 0, 0x00, 0x0b};

    private final byte[] wasm;

    ModuleSections(byte[] wasm) {
        this.wasm = wasm;
    }

    /** Returns the size of the module, in bytes. */
    int length() {
        return wasm.length;
    }

    /** Returns the module without its custom sections: they mean nothing to a run and cost heap. */
    byte[] withoutCustomSections() {
        return withoutCode(body -> true);
    }

    /**
     * Returns the module without its custom sections and its code: decoded instructions take 26 times the room of the
     * file, and the compiled classes are all that runs.
     *
     * @param kept tells the functions that keep their code, by their number among those that the module defines
     */
    byte[] withoutCode(IntPredicate kept) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(wasm, 0, HEADER);
        ByteBuffer in = ByteBuffer.wrap(wasm).position(HEADER);
        while (in.hasRemaining()) {
            int start = in.position();
            int id = in.get();
            int length = readUnsigned(in);
            int end = in.position() + length;
            if (id == CODE) {
                byte[] code = withoutCode(in.slice(in.position(), length), kept);
                out.write(id);
                writeUnsigned(out, code.length);
                out.writeBytes(code);
            } else if (id != CUSTOM) {
                out.write(wasm, start, end - start);
            }
            in.position(end);
        }
        return out.toByteArray();
    }

    private static byte[] withoutCode(ByteBuffer section, IntPredicate kept) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int count = readUnsigned(section);
        writeUnsigned(out, count);
        for (int i = 0; i < count; i++) {
            int start = section.position();
            int length = readUnsigned(section);
            section.position(section.position() + length);
            if (kept.test(i)) {
                out.write(section.array(), section.arrayOffset() + start, section.position() - start);
            } else {
                out.writeBytes(NO_CODE);
            }
        }
        return out.toByteArray();
    }

    /**
     * Returns the most that compiling can cost, in units of about a byte of memory and a nanosecond of time. In one body
     * each instruction may be a branch that has to do with each local and each value on the stack.
     */
    long worstCost() {
        ByteBuffer in = ByteBuffer.wrap(wasm).position(HEADER);
        long cost = wasm.length;
        while (in.hasRemaining()) {
            int id = in.get();
            int end = readUnsigned(in);
            end += in.position();
            if (id == CODE) {
                for (int left = readUnsigned(in); left > 0; left--) {
                    long length = readUnsigned(in);
                    int bodyEnd = in.position() + (int) length;
                    cost += length * (length + locals(in));
                    in.position(bodyEnd);
                }
            }
            in.position(end);
        }
        return cost;
    }

    private static long locals(ByteBuffer body) {
        long sum = 0;
        for (int groups = readUnsigned(body); groups > 0; groups--) {
            sum += readUnsigned(body);
            body.get();
        }
        return sum;
    }

    private static int readUnsigned(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; ; shift += 7) {
            int read = in.get();
            value |= (read & 0x7f) << shift;
            if (read >= 0) {
                return value;
            }
        }
    }

    private static void writeUnsigned(ByteArrayOutputStream out, int value) {
        int rest = value;
        for (; rest > 0x7f; rest >>>= 7) {
            out.write((rest & 0x7f) | 0x80);
        }
        out.write(rest);
    }
}
