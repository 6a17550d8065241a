package org.circleosd.pluginmanager.sandbox.module;

/**
 * Checks the segments that fill tables and memories.
 *
 * @see <a href="https://webassembly.github.io/spec/core/binary/modules.html#element-section">element section</a>
 * @see <a href="https://webassembly.github.io/spec/core/binary/modules.html#data-section">data section</a>
 */
final class Segments {

    private static final int IS_PASSIVE_OR_DECLARATIVE = 1;
    private static final int HAS_INDEX = 2;
    private static final int HAS_EXPRESSIONS = 4;
    private static final int ELEMENT_FLAGS = 7;
    private static final int FUNCTIONS = 0;

    private static final int PASSIVE_DATA = 1;
    private static final int DATA_WITH_MEMORY = 2;

    private final ModuleInput in;
    private final ModuleSpace space;
    private final ConstantExpression constant;

    Segments(ModuleInput in, ModuleSpace space, ConstantExpression constant) {
        this.in = in;
        this.space = space;
        this.constant = constant;
    }

    void readElements(int count) {
        space.expectElements(count);
        for (int i = 0; i < count; i++) {
            readElement();
        }
    }

    private void readElement() {
        int place = in.position();
        long flags = in.readUnsigned("the flags of an element segment");
        if (flags > ELEMENT_FLAGS) {
            throw in.invalid(place, "an element segment has the unknown flags " + flags);
        }
        boolean active = (flags & IS_PASSIVE_OR_DECLARATIVE) == 0;
        boolean expressions = (flags & HAS_EXPRESSIONS) != 0;
        int table = 0;
        if (active) {
            table = (flags & HAS_INDEX) != 0
                    ? in.readIndex("the table of an element segment", space.tables())
                    : firstTable(place);
            constant.check(ValueType.I32, "the offset of an element segment");
        }
        boolean typed = (flags & (IS_PASSIVE_OR_DECLARATIVE | HAS_INDEX)) != 0;
        int type = typed ? readElementType(expressions) : ValueType.FUNCREF;
        if (active && space.typeOfTable(table) != type) {
            throw in.invalid(
                    place,
                    "an element segment of " + ValueType.name(type) + " is meant for a table of "
                            + ValueType.name(space.typeOfTable(table)));
        }
        int length = in.readCount("the number of elements", Integer.MAX_VALUE);
        for (int i = 0; i < length; i++) {
            if (expressions) {
                constant.check(type, "an element");
            } else {
                space.makeReferable(in.readIndex("the function of an element", space.functions()));
            }
        }
        space.addElement(type);
    }

    private int firstTable(int place) {
        if (space.tables() == 0) {
            throw in.invalid(place, "an element segment, but the module has no table");
        }
        return 0;
    }

    private int readElementType(boolean expressions) {
        if (expressions) {
            return ValueType.readReference(in, "an element segment");
        }
        int place = in.position();
        int kind = in.readByte("the kind of an element segment");
        if (kind != FUNCTIONS) {
            throw in.invalid(place, "an element segment has the unknown kind " + kind);
        }
        return ValueType.FUNCREF;
    }

    void readData(int count) {
        for (int i = 0; i < count; i++) {
            int place = in.position();
            long mode = in.readUnsigned("the mode of a data segment");
            if (mode > DATA_WITH_MEMORY) {
                throw in.invalid(place, "a data segment has the unknown mode " + mode);
            }
            if (mode != PASSIVE_DATA) {
                readPlace(place, mode);
            }
            in.skip(in.readUnsigned("the length of a data segment"), "a data segment");
        }
    }

    private void readPlace(int place, long mode) {
        if (mode == DATA_WITH_MEMORY && in.readUnsigned("the memory of a data segment") != 0) {
            throw in.unsupported(place, Feature.MULTI_MEMORY);
        }
        if (space.memories() == 0) {
            throw in.invalid(place, "a data segment, but the module has no memory");
        }
        constant.check(ValueType.I32, "the offset of a data segment");
    }
}
