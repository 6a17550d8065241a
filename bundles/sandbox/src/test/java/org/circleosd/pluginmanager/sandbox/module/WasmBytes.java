package org.circleosd.pluginmanager.sandbox.module;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/** Writes modules by hand, well-formed or not: sections of hexadecimal bytes, code in words. */
final class WasmBytes {

    static final String HEADER = "00 61 73 6d 01 00 00 00";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private WasmBytes() {}

    static byte[] hex(String bytes) {
        return HexFormat.of().parseHex(bytes.replace(" ", ""));
    }

    /** Starts a module: magic number and version. */
    static WasmBytes module() {
        WasmBytes bytes = new WasmBytes();
        bytes.out.writeBytes(hex(HEADER));
        return bytes;
    }

    /**
     * A module with a memory, a table of 10 functions, a constant and a mutable global of i32, a passive data and a
     * passive element segment, and one function with a local of each type.
     *
     * @param type of the function, in hexadecimal bytes
     * @param code in words, as {@link #code} reads them
     */
    static byte[] moduleWithFunction(String type, String code) {
        String locals = "06 01 7f 01 7e 01 7d 01 7c 01 70 01 6f";
        byte[] body = concat(hex(locals), code(code));
        return module().section(1, "03 " + type + " 60 00 00 60 02 7f 7e 02 7e 7f")
                .section(3, "01 00")
                .section(4, "01 70 00 0a")
                .section(5, "01 00 01")
                .section(6, "02 7f 00 41 00 0b 7f 01 41 00 0b")
                .section(9, "01 01 00 01 00")
                .section(12, "01")
                .section(10, concat(hex("01"), unsigned(body.length), body))
                .section(11, "01 01 00")
                .bytes();
    }

    WasmBytes section(int id, String content) {
        return section(id, hex(content));
    }

    WasmBytes section(int id, byte[] content) {
        out.write(id);
        out.writeBytes(unsigned(content.length));
        return raw(content);
    }

    WasmBytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    static byte[] unsigned(long value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long rest = value;
        while (rest > 0x7f) {
            bytes.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes.write((int) rest);
        return bytes.toByteArray();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] repeat(String bytes, int times) {
        byte[] once = hex(bytes);
        byte[] all = new byte[once.length * times];
        for (int i = 0; i < all.length; i++) {
            all[i] = once[i % once.length];
        }
        return all;
    }

    /** Reads code: names of instructions, immediate numbers from 0 to 63, bytes as 0x40. */
    static byte[] code(String words) {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        for (String word : words.trim().split("\\s+", -1)) {
            if (word.startsWith("0x")) {
                code.write(Integer.parseInt(word.substring(2), 16));
            } else if (Character.isDigit(word.charAt(0))) {
                code.write(Integer.parseInt(word));
            } else {
                int number = number(word);
                if (number >= Instructions.PREFIXED) {
                    code.write(0xfc);
                }
                code.write(number);
            }
        }
        return code.toByteArray();
    }

    private static int number(String name) {
        for (int i = 0; i < Instructions.PREFIXED + 0x12; i++) {
            if (Instructions.name(i).equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no instruction " + name);
    }
}
