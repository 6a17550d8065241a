package org.circleosd.pluginmanager.engine.chicory;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/** A module of any number of functions: "run" passes its parameter through all of them, and each adds one. */
final class ManyFunctions {

    private static final HexFormat HEX = HexFormat.of();

    private ManyFunctions() {}

    static byte[] module(int count) {
        ByteArrayOutputStream functions = new ByteArrayOutputStream();
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        writeUnsigned(functions, count);
        writeUnsigned(code, count);
        for (int i = 0; i < count; i++) {
            functions.write(0);
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            body.writeBytes(HEX.parseHex("00" + "2000" + "41016a")); // no locals, local.get 0, i32.const 1, i32.add
            if (i + 1 < count) {
                body.write(0x10); // call the next
                writeUnsigned(body, i + 1);
            }
            body.write(0x0b);
            writeUnsigned(code, body.size());
            code.writeBytes(body.toByteArray());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(HEX.parseHex("0061736d01000000" + "010601" + "60017f017f")); // type 0: (i32) -> (i32)
        writeSection(out, 3, functions);
        out.writeBytes(HEX.parseHex("0707" + "01" + "0372756e" + "0000"));
        writeSection(out, 10, code);
        return out.toByteArray();
    }

    private static void writeSection(ByteArrayOutputStream out, int id, ByteArrayOutputStream content) {
        out.write(id);
        writeUnsigned(out, content.size());
        out.writeBytes(content.toByteArray());
    }

    static void writeUnsigned(ByteArrayOutputStream out, int value) {
        int rest = value;
        for (; rest > 0x7f; rest >>>= 7) {
            out.write((rest & 0x7f) | 0x80);
        }
        out.write(rest);
    }
}
