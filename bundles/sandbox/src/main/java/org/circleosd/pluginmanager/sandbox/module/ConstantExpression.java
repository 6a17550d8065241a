package org.circleosd.pluginmanager.sandbox.module;

/**
 * Checks the expressions that give globals, offsets and elements their values.
 *
 * @see <a href="https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions">constants</a>
 */
final class ConstantExpression {

    /** Operands at once: compilers need one, or two for a sum. */
    private static final int DEPTH = 256;

    private final ModuleInput in;
    private final ModuleSpace space;
    private final byte[] operands = new byte[DEPTH];
    private int height;

    ConstantExpression(ModuleInput in, ModuleSpace space) {
        this.in = in;
        this.space = space;
    }

    /** Reads an expression whose value must have a type. */
    void check(int type, String what) {
        height = 0;
        while (true) {
            int place = in.position();
            int opcode = in.readByte(what);
            if (opcode == 0x0b) {
                if (height != 1 || operands[0] != type) {
                    throw in.invalid(place, what + " yields " + found() + "; expected " + ValueType.name(type));
                }
                return;
            }
            push(place, result(place, opcode, what));
        }
    }

    private int result(int place, int opcode, String what) {
        switch (opcode) {
            case 0x23 -> {
                int global = in.readIndex("the global", space.globals());
                if (global >= space.importedGlobals() || space.isMutable(global)) {
                    throw in.invalid(
                            place, what + " reads global " + global + "; only imported constant ones can be read here");
                }
                return space.typeOfGlobal(global);
            }
            case 0x41 -> {
                in.readSigned(32, what);
                return ValueType.I32;
            }
            case 0x42 -> {
                in.readSigned(64, what);
                return ValueType.I64;
            }
            case 0x43 -> {
                in.skip(4, what);
                return ValueType.F32;
            }
            case 0x44 -> {
                in.skip(8, what);
                return ValueType.F64;
            }
            case 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e -> { // add, sub, mul of i32 and i64
                pop(place, Instructions.second(opcode), opcode);
                pop(place, Instructions.first(opcode), opcode);
                return Instructions.result(opcode);
            }
            case 0xd0 -> {
                return ValueType.readReference(in, "ref.null");
            }
            case 0xd2 -> {
                space.makeReferable(in.readIndex("the function to refer to", space.functions()));
                return ValueType.FUNCREF;
            }
            case 0xfd -> throw in.unsupported(place, Feature.SIMD);
            case 0xfb -> throw in.unsupported(place, Feature.GARBAGE_COLLECTION);
            default ->
                throw in.invalid(
                        place,
                        what + " has the instruction 0x" + Integer.toHexString(opcode) + ", which is not constant");
        }
    }

    private void push(int place, int type) {
        if (height == DEPTH) {
            throw in.overLimit(place, "a constant expression holds " + (height + 1) + " values", DEPTH);
        }
        operands[height++] = (byte) type;
    }

    private void pop(int place, int type, int opcode) {
        if (height == 0 || operands[height - 1] != type) {
            throw in.invalid(
                    place, Instructions.name(opcode) + " expects " + ValueType.name(type) + ", but finds " + found());
        }
        height--;
    }

    private String found() {
        return height == 0 ? "nothing" : height == 1 ? ValueType.name(operands[0]) : height + " values";
    }
}
