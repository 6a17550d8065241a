package org.circleosd.pluginmanager.engine.chicory;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** Checks what the entries of a section claim about their sizes. Each method starts behind the number of entries. */
final class SectionBody {

    private SectionBody() {}

    /**
     * Refuses memories that this engine does not have.
     *
     * @see <a href="https://webassembly.github.io/spec/core/binary/types.html#limits">limits</a>
     */
    static void checkMemories(ModuleBytes in, long count) {
        for (long i = 0; i < count; i++) {
            int flags = in.readByte("the flags of a memory");
            if ((flags & 0x04) != 0) {
                throw unsupported("memory64", "compile the plugin for wasm32");
            }
            if ((flags & 0x02) != 0) {
                throw unsupported("shared memory (threads)", "compile the plugin without -pthread and -matomics");
            }
            if (flags > 1) {
                throw ModuleBytes.invalid("unknown memory flags " + flags + " at byte " + (in.position() - 1));
            }
            in.readUnsigned("the minimum of a memory");
            if (flags == 1) {
                in.readUnsigned("the maximum of a memory");
            }
        }
    }

    static void checkCode(ModuleBytes in, long count) {
        for (long i = 0; i < count; i++) {
            in.skip(in.readUnsigned("the length of function body " + i), "function body " + i);
        }
    }

    /**
     * Checks the sizes of the segments.
     *
     * @see <a href="https://webassembly.github.io/spec/core/binary/modules.html#data-section">data section</a>
     */
    static void checkData(ModuleBytes in, long count) {
        for (long i = 0; i < count; i++) {
            String name = "data segment " + i;
            int start = in.position();
            long mode = in.readUnsigned("the mode of " + name);
            if (mode > 2) {
                throw ModuleBytes.invalid(name + " at byte " + start + " has the unknown mode " + mode);
            }
            if (mode == 2) {
                in.readUnsigned("the memory of " + name);
            }
            if (mode != 1) {
                skipConstant(in, name);
            }
            in.skip(in.readUnsigned("the length of " + name), name);
        }
    }

    /**
     * Skips a constant expression.
     *
     * @see <a href="https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions">constants</a>
     */
    private static void skipConstant(ModuleBytes in, String name) {
        String what = "the offset of " + name;
        while (true) {
            int start = in.position();
            int opcode = in.readByte(what);
            switch (opcode) {
                case 0x0b -> { // end
                    return;
                }
                case 0x23, 0x41, 0x42 -> in.skipNumber(what); // global.get, i32.const, i64.const
                case 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e -> {} // add, sub, mul of i32 and i64
                default ->
                    throw ModuleBytes.invalid(what + " uses the instruction 0x" + Integer.toHexString(opcode)
                            + " at byte " + start + ", which is not constant");
            }
        }
    }

    /** @param hint what the author of the plugin can do */
    static PluginException unsupported(String feature, String hint) {
        return new PluginException(
                ErrorCode.PLUGIN_INVALID,
                "the module uses " + feature + ", which this engine does not support; " + hint);
    }
}
