package org.circleosd.pluginmanager.sandbox.module;

import java.util.Arrays;

/**
 * The names of all instructions, and the types of the simple ones, which only take values from the stack and put one
 * there: arithmetic, loads and stores.
 *
 * @see <a href="https://webassembly.github.io/spec/core/appendix/index-instructions.html">index of instructions</a>
 */
final class Instructions {

    /** Added to the second number of the instructions that begin with the byte 0xfc. */
    static final int PREFIXED = 0x100;

    private static final int NUMBERS = 0x112;

    /**
     * In each line: the first number, the prefix of the names, the operands and the result (i: i32, I: i64, f: f32,
     * F: f64), the names in the order of their numbers. A digit ends the name of what reads or writes memory: the
     * largest alignment, as an exponent of two.
     */
    private static final String SIMPLE = """
            28 i32. i>i load:2
            29 i64. i>I load:3
            2a f32. i>f load:2
            2b f64. i>F load:3
            2c i32. i>i load8_s:0 load8_u:0 load16_s:1 load16_u:1
            30 i64. i>I load8_s:0 load8_u:0 load16_s:1 load16_u:1 load32_s:2 load32_u:2
            36 i32. ii> store:2
            37 i64. iI> store:3
            38 f32. if> store:2
            39 f64. iF> store:3
            3a i32. ii> store8:0 store16:1
            3c i64. iI> store8:0 store16:1 store32:2
            45 i32. i>i eqz
            46 i32. ii>i eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u
            50 i64. I>i eqz
            51 i64. II>i eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u
            5b f32. ff>i eq ne lt gt le ge
            61 f64. FF>i eq ne lt gt le ge
            67 i32. i>i clz ctz popcnt
            6a i32. ii>i add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr
            79 i64. I>I clz ctz popcnt
            7c i64. II>I add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr
            8b f32. f>f abs neg ceil floor trunc nearest sqrt
            92 f32. ff>f add sub mul div min max copysign
            99 f64. F>F abs neg ceil floor trunc nearest sqrt
            a0 f64. FF>F add sub mul div min max copysign
            a7 i32. I>i wrap_i64
            a8 i32. f>i trunc_f32_s trunc_f32_u
            aa i32. F>i trunc_f64_s trunc_f64_u
            ac i64. i>I extend_i32_s extend_i32_u
            ae i64. f>I trunc_f32_s trunc_f32_u
            b0 i64. F>I trunc_f64_s trunc_f64_u
            b2 f32. i>f convert_i32_s convert_i32_u
            b4 f32. I>f convert_i64_s convert_i64_u
            b6 f32. F>f demote_f64
            b7 f64. i>F convert_i32_s convert_i32_u
            b9 f64. I>F convert_i64_s convert_i64_u
            bb f64. f>F promote_f32
            bc i32. f>i reinterpret_f32
            bd i64. F>I reinterpret_f64
            be f32. i>f reinterpret_i32
            bf f64. I>F reinterpret_i64
            c0 i32. i>i extend8_s extend16_s
            c2 i64. I>I extend8_s extend16_s extend32_s
            100 i32. f>i trunc_sat_f32_s trunc_sat_f32_u
            102 i32. F>i trunc_sat_f64_s trunc_sat_f64_u
            104 i64. f>I trunc_sat_f32_s trunc_sat_f32_u
            106 i64. F>I trunc_sat_f64_s trunc_sat_f64_u
            """;

    /** In each line: the first number, the names in the order of their numbers. */
    private static final String OTHERS = """
            00 unreachable nop block loop if else
            0b end br br_if br_table return call call_indirect
            1a drop select select
            20 local.get local.set local.tee global.get global.set table.get table.set
            3f memory.size memory.grow i32.const i64.const f32.const f64.const
            d0 ref.null ref.is_null ref.func
            108 memory.init data.drop memory.copy memory.fill
            10c table.init elem.drop table.copy table.grow table.size table.fill
            """;

    private static final byte[] FIRST = new byte[NUMBERS];
    private static final byte[] SECOND = new byte[NUMBERS];
    private static final byte[] RESULT = new byte[NUMBERS];
    private static final byte[] ALIGNMENT = new byte[NUMBERS];
    private static final String[] NAMES = new String[NUMBERS];

    static {
        Arrays.fill(ALIGNMENT, (byte) -1);
        Arrays.fill(NAMES, "");
        SIMPLE.lines().forEach(Instructions::readSimple);
        OTHERS.lines().forEach(Instructions::readOthers);
    }

    private Instructions() {}

    private static void readSimple(String line) {
        String[] words = line.split(" ", -1);
        int first = Integer.parseInt(words[0], 16);
        String signature = words[2];
        int arrow = signature.indexOf('>');
        for (int i = 3; i < words.length; i++) {
            int number = first + i - 3;
            String[] name = words[i].split(":", -1);
            NAMES[number] = words[1] + name[0];
            if (name.length > 1) {
                ALIGNMENT[number] = Byte.parseByte(name[1]);
            }
            FIRST[number] = type(signature, 0);
            SECOND[number] = arrow == 2 ? type(signature, 1) : 0;
            RESULT[number] = arrow + 1 < signature.length() ? type(signature, arrow + 1) : 0;
        }
    }

    private static void readOthers(String line) {
        String[] words = line.split(" ", -1);
        int first = Integer.parseInt(words[0], 16);
        for (int i = 1; i < words.length; i++) {
            NAMES[first + i - 1] = words[i];
        }
    }

    private static byte type(String signature, int at) {
        return switch (signature.charAt(at)) {
            case 'i' -> ValueType.I32;
            case 'I' -> ValueType.I64;
            case 'f' -> ValueType.F32;
            case 'F' -> ValueType.F64;
            default -> throw new IllegalStateException(signature);
        };
    }

    /** Returns the type of the operand that was put on the stack first, or 0 if the instruction is no simple one. */
    static int first(int number) {
        return FIRST[number];
    }

    /** Returns the type of the operand on the top, or 0 if there is only one. */
    static int second(int number) {
        return SECOND[number];
    }

    /** Returns the type of the result, or 0 if there is none. */
    static int result(int number) {
        return RESULT[number];
    }

    /** Returns the largest alignment of an access to memory as an exponent of two, or -1 for what accesses none. */
    static int alignment(int number) {
        return ALIGNMENT[number];
    }

    /** Returns the name of an instruction, or its number if it has none. */
    static String name(int number) {
        String name = NAMES[number];
        return name.isEmpty() ? "the instruction 0x" + Integer.toHexString(number) : name;
    }
}
