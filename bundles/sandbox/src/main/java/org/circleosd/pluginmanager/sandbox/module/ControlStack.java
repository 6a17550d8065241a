package org.circleosd.pluginmanager.sandbox.module;

import java.util.Arrays;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * The operands and the blocks of a function at one place of its body. Two arrays serve all functions; no instruction
 * makes an object.
 *
 * @see <a href="https://webassembly.github.io/spec/core/appendix/algorithm.html">validation algorithm</a>
 */
final class ControlStack {

    static final int FUNCTION = -1;
    static final int LOOP = 0x03;
    static final int IF = 0x04;
    static final int ELSE = 0x05;

    /** What is kept of a block: numbers at these offsets, of the blocks around it all, of the innermost the rest. */
    private static final int KIND = 0;

    private static final int PARAMETERS_AT = 1;
    private static final int PARAMETERS = 2;
    private static final int RESULTS_AT = 3;
    private static final int RESULTS = 4;
    private static final int FLOOR = 5;
    private static final int UNREACHABLE = 6;
    private static final int BLOCK_SIZE = 7;

    private final ModuleInput in;
    private final ModuleSpace space;

    private final byte[] operands = new byte[ModuleLimits.OPERANDS];
    private int height;
    private int highest;

    private int[] blocks = new int[64 * BLOCK_SIZE];
    private int depth;
    private int deepest;
    /** Offset of the innermost block. */
    private int innermost;
    /** Height of the operands at the start of the innermost block. */
    private int floor;

    private boolean unreachable;

    private int at;
    private int instruction;

    ControlStack(ModuleInput in, ModuleSpace space) {
        this.in = in;
        this.space = space;
    }

    /** Starts a function: its block is the outermost. */
    void startFunction(int type) {
        height = 0;
        depth = 0;
        at = in.position();
        instruction = FUNCTION;
        enter(FUNCTION, 0, 0, space.resultsAt(type), space.results(type));
    }

    /** Notes what the operations that follow belong to, for messages. */
    void startInstruction(int place, int number) {
        at = place;
        instruction = number;
    }

    void changeNumber(int number) {
        instruction = number;
    }

    /** Returns the number of open blocks: 0 after the end of the function. */
    int depth() {
        return depth;
    }

    int deepest() {
        return deepest;
    }

    int highest() {
        return highest;
    }

    void push(int type) {
        if (height == operands.length) {
            throw in.overLimit(at, "the operand stack holds " + (height + 1) + " values", operands.length);
        }
        operands[height++] = (byte) type;
        highest = Math.max(highest, height);
    }

    void pushAll(int typesAt, int count) {
        for (int i = 0; i < count; i++) {
            push(space.typeAt(typesAt + i));
        }
    }

    void pop(int expected) {
        if (height == floor) {
            if (!unreachable) {
                throw missing(ValueType.name(expected));
            }
            return;
        }
        int found = operands[--height];
        if (found != expected && found != ValueType.UNKNOWN) {
            throw mismatch(expected, found);
        }
    }

    int popAny() {
        if (height > floor) {
            return operands[--height];
        }
        if (!unreachable) {
            throw missing("a value");
        }
        return ValueType.UNKNOWN;
    }

    void popAll(int typesAt, int count) {
        for (int i = count - 1; i >= 0; i--) {
            pop(space.typeAt(typesAt + i));
        }
    }

    void enter(int kind, int parametersAt, int parameters, int resultsAt, int results) {
        if (depth == ModuleLimits.NESTING) {
            throw in.overLimit(at, "blocks are nested " + (depth + 1) + " deep", ModuleLimits.NESTING);
        }
        int block = depth++ * BLOCK_SIZE;
        if (block == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * block);
        }
        deepest = Math.max(deepest, depth);
        if (block > 0) {
            blocks[innermost + UNREACHABLE] = unreachable ? 1 : 0;
        }
        innermost = block;
        blocks[block + KIND] = kind;
        blocks[block + PARAMETERS_AT] = parametersAt;
        blocks[block + PARAMETERS] = parameters;
        blocks[block + RESULTS_AT] = resultsAt;
        blocks[block + RESULTS] = results;
        blocks[block + FLOOR] = height;
        floor = height;
        unreachable = false;
        pushAll(parametersAt, parameters);
    }

    void enterElse() {
        if (blocks[innermost + KIND] != IF) {
            throw in.invalid(at, "else without an if");
        }
        popResults();
        blocks[innermost + KIND] = ELSE;
        unreachable = false;
        pushAll(blocks[innermost + PARAMETERS_AT], blocks[innermost + PARAMETERS]);
    }

    void end() {
        int block = innermost;
        if (blocks[block + KIND] == IF) {
            requireSameTypes(block);
        }
        popResults();
        depth--;
        if (depth > 0) {
            innermost = block - BLOCK_SIZE;
            floor = blocks[innermost + FLOOR];
            unreachable = blocks[innermost + UNREACHABLE] != 0;
            pushAll(blocks[block + RESULTS_AT], blocks[block + RESULTS]);
        }
    }

    private void popResults() {
        popAll(blocks[innermost + RESULTS_AT], blocks[innermost + RESULTS]);
        if (height != floor) {
            throw in.invalid(at, "the block ends with " + (height - floor) + " values too many on the stack");
        }
    }

    /** An if without an else hands its parameters on. */
    private void requireSameTypes(int block) {
        int count = blocks[block + PARAMETERS];
        boolean same = count == blocks[block + RESULTS];
        for (int i = 0; same && i < count; i++) {
            same = space.typeAt(blocks[block + PARAMETERS_AT] + i) == space.typeAt(blocks[block + RESULTS_AT] + i);
        }
        if (!same) {
            throw in.invalid(at, "an if without an else whose results are not its parameters");
        }
    }

    /** Notes that the code up to the end of the innermost block is never reached. */
    void setUnreachable() {
        height = floor;
        unreachable = true;
    }

    /** Returns the number of values that a branch out to a block takes along. */
    int labelArity(int label) {
        int block = innermost - label * BLOCK_SIZE;
        return blocks[block + (blocks[block + KIND] == LOOP ? PARAMETERS : RESULTS)];
    }

    /** Returns where the types of these values stand. */
    int labelTypes(int label) {
        int block = innermost - label * BLOCK_SIZE;
        return blocks[block + (blocks[block + KIND] == LOOP ? PARAMETERS_AT : RESULTS_AT)];
    }

    /** Checks that the values for a branch are there, and leaves them there. */
    void requireForLabel(int label) {
        int typesAt = labelTypes(label);
        int place = height;
        for (int i = labelArity(label) - 1; i >= 0; i--) {
            int expected = space.typeAt(typesAt + i);
            if (place == floor) {
                if (!unreachable) {
                    throw missing(ValueType.name(expected));
                }
                return;
            }
            int found = operands[--place];
            if (found != expected && found != ValueType.UNKNOWN) {
                throw mismatch(expected, found);
            }
        }
    }

    /** Takes what the function returns. */
    void popFunctionResults() {
        popAll(blocks[RESULTS_AT], blocks[RESULTS]);
    }

    private PluginException missing(String expected) {
        return in.invalid(at, words() + " expects " + expected + ", but the stack of its block is empty");
    }

    private PluginException mismatch(int expected, int found) {
        return in.invalid(
                at, words() + " expects " + ValueType.name(expected) + ", but finds " + ValueType.name(found));
    }

    private String words() {
        return Instructions.name(instruction);
    }
}
