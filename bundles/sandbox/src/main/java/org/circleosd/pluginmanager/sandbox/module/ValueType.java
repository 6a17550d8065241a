package org.circleosd.pluginmanager.sandbox.module;

/**
 * The types of values, as the bytes that stand for them in a module.
 *
 * @see <a href="https://webassembly.github.io/spec/core/binary/types.html#value-types">value types</a>
 */
final class ValueType {

    static final int I32 = 0x7f;
    static final int I64 = 0x7e;
    static final int F32 = 0x7d;
    static final int F64 = 0x7c;
    static final int FUNCREF = 0x70;
    static final int EXTERNREF = 0x6f;
    /** What code that is never reached finds on its stack: of any type. */
    static final int UNKNOWN = 0;

    private static final int V128 = 0x7b;

    private ValueType() {}

    static boolean isReference(int type) {
        return type == FUNCREF || type == EXTERNREF;
    }

    static String name(int type) {
        return switch (type) {
            case I32 -> "i32";
            case I64 -> "i64";
            case F32 -> "f32";
            case F64 -> "f64";
            case FUNCREF -> "funcref";
            case EXTERNREF -> "externref";
            default -> "any type";
        };
    }

    static int read(ModuleInput in, String what) {
        int start = in.position();
        int type = in.readByte(what);
        switch (type) {
            case I32, I64, F32, F64, FUNCREF, EXTERNREF -> {
                return type;
            }
            case V128 -> throw in.unsupported(start, Feature.SIMD);
            case 0x69, 0x74 -> throw in.unsupported(start, Feature.EXCEPTIONS);
            case 0x63, 0x64 -> throw in.unsupported(start, Feature.FUNCTION_REFERENCES);
            case 0x68, 0x75 -> throw in.unsupported(start, Feature.STACK_SWITCHING);
            case 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x71, 0x72, 0x73, 0x77, 0x78 ->
                throw in.unsupported(start, Feature.GARBAGE_COLLECTION);
            default -> throw in.invalid(start, what + " has the unknown type 0x" + Integer.toHexString(type));
        }
    }

    static int readReference(ModuleInput in, String what) {
        int start = in.position();
        int type = read(in, what);
        if (!isReference(type)) {
            throw in.invalid(start, what + " has the type " + name(type) + "; expected funcref or externref");
        }
        return type;
    }
}
