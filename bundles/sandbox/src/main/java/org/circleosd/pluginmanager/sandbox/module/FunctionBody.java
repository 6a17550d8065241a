package org.circleosd.pluginmanager.sandbox.module;

import java.util.Arrays;

/**
 * Checks the bodies of functions: their form and the types of all values.
 *
 * @see <a href="https://webassembly.github.io/spec/core/valid/instructions.html">instructions</a>
 */
final class FunctionBody {

    private static final int NO_RESULT = 0x40;

    private final ModuleInput in;
    private final ModuleSpace space;
    private final ControlStack stack;
    private final MemoryAndTables memoryAndTables;
    private final byte[] locals = new byte[ModuleLimits.LOCALS];
    private int localCount;
    private int mostLocals;
    private long localsOfModule;
    private long branchTargets;

    FunctionBody(ModuleInput in, ModuleSpace space) {
        this.in = in;
        this.space = space;
        this.stack = new ControlStack(in, space);
        this.memoryAndTables = new MemoryAndTables(in, space, stack);
    }

    /** Reads the body of a function of a type up to its end. */
    void check(int type) {
        readLocals(type);
        stack.startFunction(type);
        while (stack.depth() > 0) {
            int place = in.position();
            int opcode = in.readByte("an instruction");
            stack.startInstruction(place, opcode);
            int first = Instructions.first(opcode);
            if (first == 0) {
                other(place, opcode);
                continue;
            }
            int alignment = Instructions.alignment(opcode);
            if (alignment >= 0) {
                memoryAndTables.readMemoryArgument(place, alignment);
            }
            simple(opcode);
        }
    }

    private void simple(int number) {
        int second = Instructions.second(number);
        if (second != 0) {
            stack.pop(second);
        }
        stack.pop(Instructions.first(number));
        int result = Instructions.result(number);
        if (result != 0) {
            stack.push(result);
        }
    }

    private void readLocals(int type) {
        localCount = space.parameters(type);
        for (int i = 0; i < localCount; i++) {
            locals[i] = (byte) space.typeAt(space.parametersAt(type) + i);
        }
        int runs = in.readCount("the number of declarations of locals", Integer.MAX_VALUE);
        for (int i = 0; i < runs; i++) {
            int place = in.position();
            long more = in.readUnsigned("the number of locals");
            int localType = ValueType.read(in, "a local");
            if (more > locals.length - localCount) {
                throw in.overLimit(place, "the function has " + (localCount + more) + " locals", locals.length);
            }
            Arrays.fill(locals, localCount, localCount + (int) more, (byte) localType);
            localCount += (int) more;
        }
        mostLocals = Math.max(mostLocals, localCount);
        localsOfModule += localCount;
        if (localsOfModule > ModuleLimits.LOCALS_OF_MODULE) {
            throw in.overLimit(
                    in.position(),
                    "the functions so far have " + localsOfModule + " locals",
                    ModuleLimits.LOCALS_OF_MODULE);
        }
    }

    private void other(int place, int opcode) {
        switch (opcode) {
            case 0x00 -> stack.setUnreachable();
            case 0x01 -> {} // nop
            case 0x02, ControlStack.LOOP -> block(opcode);
            case ControlStack.IF -> {
                stack.pop(ValueType.I32);
                block(opcode);
            }
            case ControlStack.ELSE -> stack.enterElse();
            case 0x0b -> stack.end();
            case 0x0c -> { // br
                int label = readLabel();
                stack.requireForLabel(label);
                stack.setUnreachable();
            }
            case 0x0d -> { // br_if
                int label = readLabel();
                stack.pop(ValueType.I32);
                stack.popAll(stack.labelTypes(label), stack.labelArity(label));
                stack.pushAll(stack.labelTypes(label), stack.labelArity(label));
            }
            case 0x0e -> branchTable(place);
            case 0x0f -> { // return
                stack.popFunctionResults();
                stack.setUnreachable();
            }
            case 0x10 -> call(space.typeOfFunction(in.readIndex("the function to call", space.functions())));
            case 0x11 -> callIndirect(place);
            case 0x1a -> stack.popAny(); // drop
            case 0x1b -> select(place);
            case 0x1c -> typedSelect(place);
            case 0x20 -> stack.push(locals[readLocal()]);
            case 0x21 -> stack.pop(locals[readLocal()]);
            case 0x22 -> { // local.tee
                int type = locals[readLocal()];
                stack.pop(type);
                stack.push(type);
            }
            case 0x23 -> stack.push(space.typeOfGlobal(readGlobal()));
            case 0x24 -> setGlobal(place);
            case 0x41 -> {
                in.readSigned(32, "the constant");
                stack.push(ValueType.I32);
            }
            case 0x42 -> {
                in.readSigned(64, "the constant");
                stack.push(ValueType.I64);
            }
            case 0x43 -> {
                in.skip(4, "the constant");
                stack.push(ValueType.F32);
            }
            case 0x44 -> {
                in.skip(8, "the constant");
                stack.push(ValueType.F64);
            }
            case 0xd0 -> stack.push(ValueType.readReference(in, "ref.null"));
            case 0xd1 -> isNull(place);
            case 0xd2 -> referToFunction(place);
            case 0xfc -> prefixed(place);
            default -> {
                if (!memoryAndTables.check(place, opcode)) {
                    throw UnknownInstruction.refuse(in, place, opcode);
                }
            }
        }
    }

    private void prefixed(int place) {
        long second = in.readUnsigned("the second number of the instruction");
        int number = (int) Math.min(second, 0xff) + Instructions.PREFIXED;
        stack.changeNumber(number);
        if (second < 8) {
            simple(number);
        } else if (!memoryAndTables.check(place, number)) {
            throw UnknownInstruction.refusePrefixed(in, place, second);
        }
    }

    private void block(int kind) {
        int place = in.position();
        int first = in.readByte("the type of the block");
        if (first == NO_RESULT) {
            stack.enter(kind, 0, 0, 0, 0);
            return;
        }
        in.goBack();
        if ((first & 0xc0) == 0x40) {
            ValueType.read(in, "the result of the block");
            stack.enter(kind, 0, 0, place, 1);
            return;
        }
        long type = in.readSigned(33, "the type of the block");
        if (type < 0 || type >= space.types()) {
            throw in.invalid(place, "the type of the block is " + type + ", but there are " + space.types());
        }
        int index = (int) type;
        stack.popAll(space.parametersAt(index), space.parameters(index));
        stack.enter(
                kind, space.parametersAt(index), space.parameters(index), space.resultsAt(index), space.results(index));
    }

    private int readLabel() {
        return in.readIndex("the label", stack.depth());
    }

    private void branchTable(int place) {
        int targets = in.readCount("the number of targets", ModuleLimits.BRANCH_TARGETS);
        branchTargets += targets;
        if (branchTargets > ModuleLimits.BRANCH_TARGETS_OF_MODULE) {
            throw in.overLimit(
                    place,
                    "the branch tables so far have " + branchTargets + " targets",
                    ModuleLimits.BRANCH_TARGETS_OF_MODULE);
        }
        stack.pop(ValueType.I32);
        int arity = -1;
        int checked = -1;
        for (int i = 0; i <= targets; i++) {
            int label = readLabel();
            if (label == checked) {
                continue;
            }
            checked = label;
            if (arity >= 0 && stack.labelArity(label) != arity) {
                throw in.invalid(place, "targets of br_table take different numbers of values");
            }
            arity = stack.labelArity(label);
            stack.requireForLabel(label);
        }
        stack.setUnreachable();
    }

    private void call(int type) {
        stack.popAll(space.parametersAt(type), space.parameters(type));
        stack.pushAll(space.resultsAt(type), space.results(type));
    }

    private void callIndirect(int place) {
        int type = in.readIndex("the type of the function to call", space.types());
        int table = in.readIndex("the table", space.tables());
        if (space.typeOfTable(table) != ValueType.FUNCREF) {
            throw in.invalid(place, "call_indirect on a table that holds no functions");
        }
        stack.pop(ValueType.I32);
        call(type);
    }

    private void select(int place) {
        stack.pop(ValueType.I32);
        int second = stack.popAny();
        int first = stack.popAny();
        if (ValueType.isReference(first) || ValueType.isReference(second)) {
            throw in.invalid(place, "select between references needs a type");
        }
        if (first != second && first != ValueType.UNKNOWN && second != ValueType.UNKNOWN) {
            throw in.invalid(place, "select between " + ValueType.name(first) + " and " + ValueType.name(second));
        }
        stack.push(first == ValueType.UNKNOWN ? second : first);
    }

    private void typedSelect(int place) {
        long count = in.readUnsigned("the number of types");
        if (count != 1) {
            throw in.invalid(place, "select with " + count + " types; expected 1");
        }
        int type = ValueType.read(in, "select");
        stack.pop(ValueType.I32);
        stack.pop(type);
        stack.pop(type);
        stack.push(type);
    }

    private int readLocal() {
        return in.readIndex("the local", localCount);
    }

    private int readGlobal() {
        return in.readIndex("the global", space.globals());
    }

    private void setGlobal(int place) {
        int global = readGlobal();
        if (!space.isMutable(global)) {
            throw in.invalid(place, "global.set of global " + global + ", which is constant");
        }
        stack.pop(space.typeOfGlobal(global));
    }

    private void isNull(int place) {
        int type = stack.popAny();
        if (type != ValueType.UNKNOWN && !ValueType.isReference(type)) {
            throw in.invalid(place, "ref.is_null of " + ValueType.name(type));
        }
        stack.push(ValueType.I32);
    }

    private void referToFunction(int place) {
        int function = in.readIndex("the function to refer to", space.functions());
        if (!space.isReferable(function)) {
            throw in.invalid(
                    place, "ref.func of function " + function + ", which no export, global or element segment names");
        }
        stack.push(ValueType.FUNCREF);
    }

    int mostLocals() {
        return mostLocals;
    }

    long localsOfModule() {
        return localsOfModule;
    }

    long branchTargets() {
        return branchTargets;
    }

    int deepestNesting() {
        return stack.deepest();
    }

    int mostOperands() {
        return stack.highest();
    }
}
