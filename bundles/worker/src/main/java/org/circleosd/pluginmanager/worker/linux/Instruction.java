package org.circleosd.pluginmanager.worker.linux;

/**
 * A {@code struct sock_filter}: an instruction of classic BPF. Only those are used that the kernel can follow without
 * arguments: it then lets calls that are always allowed through without running the filter.
 *
 * @param ifTrue how many instructions a comparison skips if it holds
 * @param ifFalse how many it skips if not
 * @see <a href="https://docs.kernel.org/networking/filter.html">Linux Socket Filtering</a>
 */
record Instruction(int code, int ifTrue, int ifFalse, int value) {

    static final int LOAD = 0x20;
    static final int AND = 0x54;
    static final int JUMP = 0x05;
    static final int JUMP_IF_EQUAL = 0x15;
    static final int JUMP_IF_AT_LEAST = 0x35;
    static final int RETURN = 0x06;

    private static final int LONGEST_SKIP = 255;

    Instruction {
        if (ifTrue < 0 || ifTrue > LONGEST_SKIP || ifFalse < 0 || ifFalse > LONGEST_SKIP) {
            throw new IllegalStateException("a filter skips " + Math.max(ifTrue, ifFalse)
                    + " instructions after a comparison; the most is " + LONGEST_SKIP);
        }
    }

    static Instruction load(int offset) {
        return new Instruction(LOAD, 0, 0, offset);
    }

    static Instruction and(int mask) {
        return new Instruction(AND, 0, 0, mask);
    }

    static Instruction jump(int skipped) {
        return new Instruction(JUMP, 0, 0, skipped);
    }

    static Instruction ifEqual(int value, int ifTrue, int ifFalse) {
        return new Instruction(JUMP_IF_EQUAL, ifTrue, ifFalse, value);
    }

    static Instruction ifAtLeast(int value, int ifTrue, int ifFalse) {
        return new Instruction(JUMP_IF_AT_LEAST, ifTrue, ifFalse, value);
    }

    static Instruction answer(int value) {
        return new Instruction(RETURN, 0, 0, value);
    }

    /** Says whether a skip fits a comparison. */
    static boolean canSkip(int instructions) {
        return instructions <= LONGEST_SKIP;
    }
}
