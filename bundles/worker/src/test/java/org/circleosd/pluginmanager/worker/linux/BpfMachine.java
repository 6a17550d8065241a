package org.circleosd.pluginmanager.worker.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs a seccomp filter as the kernel does, for the instructions that filters here consist of. */
final class BpfMachine {

    private final ByteBuffer program;
    private int steps;

    BpfMachine(byte[] program) {
        this.program = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns what the filter answers. */
    int run(int auditNumber, int number, long... arguments) {
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(0, number).putInt(4, auditNumber);
        for (int i = 0; i < arguments.length; i++) {
            data.putLong(16 + i * Long.BYTES, arguments[i]);
        }
        int accumulator = 0;
        steps = 0;
        for (int at = 0; ; at++) {
            steps++;
            int code = program.getShort(at * 8) & 0xffff;
            int ifTrue = program.get(at * 8 + 2) & 0xff;
            int ifFalse = program.get(at * 8 + 3) & 0xff;
            int value = program.getInt(at * 8 + 4);
            switch (code) {
                case 0x20 -> accumulator = data.getInt(value);
                case 0x54 -> accumulator &= value;
                case 0x05 -> at += value;
                case 0x15 -> at += accumulator == value ? ifTrue : ifFalse;
                case 0x35 -> at += Integer.compareUnsigned(accumulator, value) >= 0 ? ifTrue : ifFalse;
                case 0x06 -> {
                    return value;
                }
                default -> throw new IllegalStateException("instruction " + code);
            }
        }
    }

    /** Returns how many instructions the last run took. */
    int steps() {
        return steps;
    }
}
