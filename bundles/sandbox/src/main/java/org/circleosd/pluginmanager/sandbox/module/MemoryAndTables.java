package org.circleosd.pluginmanager.sandbox.module;

/**
 * Checks the instructions on memories, tables and segments, but for loads and stores.
 *
 * @see <a href="https://webassembly.github.io/spec/core/valid/instructions.html#memory-instructions">memory</a>
 * @see <a href="https://webassembly.github.io/spec/core/valid/instructions.html#table-instructions">tables</a>
 */
final class MemoryAndTables {

    /** In the alignment of a load or store: the number of a memory follows. */
    private static final int HAS_MEMORY_INDEX = 0x40;

    private final ModuleInput in;
    private final ModuleSpace space;
    private final ControlStack stack;

    MemoryAndTables(ModuleInput in, ModuleSpace space, ControlStack stack) {
        this.in = in;
        this.space = space;
        this.stack = stack;
    }

    /**
     * Reads and checks an instruction if it is one of these.
     *
     * @param number as in {@link Instructions}
     * @return false if it is another
     */
    boolean check(int place, int number) {
        switch (number) {
            case 0x25 -> { // table.get
                int type = space.typeOfTable(readTable());
                stack.pop(ValueType.I32);
                stack.push(type);
            }
            case 0x26 -> { // table.set
                stack.pop(space.typeOfTable(readTable()));
                stack.pop(ValueType.I32);
            }
            case 0x3f -> { // memory.size
                readMemory(place);
                stack.push(ValueType.I32);
            }
            case 0x40 -> { // memory.grow
                readMemory(place);
                stack.pop(ValueType.I32);
                stack.push(ValueType.I32);
            }
            case 0x108 -> { // memory.init
                readData(place);
                readMemory(place);
                popThree();
            }
            case 0x109 -> readData(place); // data.drop
            case 0x10a -> { // memory.copy
                readMemory(place);
                readMemory(place);
                popThree();
            }
            case 0x10b -> { // memory.fill
                readMemory(place);
                popThree();
            }
            case 0x10c -> initialiseTable(place);
            case 0x10d -> readElement(); // elem.drop
            case 0x10e -> copyTable(place);
            case 0x10f -> { // table.grow
                int type = space.typeOfTable(readTable());
                stack.pop(ValueType.I32);
                stack.pop(type);
                stack.push(ValueType.I32);
            }
            case 0x110 -> { // table.size
                readTable();
                stack.push(ValueType.I32);
            }
            case 0x111 -> { // table.fill
                int type = space.typeOfTable(readTable());
                stack.pop(ValueType.I32);
                stack.pop(type);
                stack.pop(ValueType.I32);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** @param largest alignment as an exponent of two */
    void readMemoryArgument(int place, int largest) {
        requireMemory(place);
        int start = in.position();
        long alignment = in.readUnsigned("the alignment");
        if (alignment > largest) {
            if ((alignment & -HAS_MEMORY_INDEX) == HAS_MEMORY_INDEX) {
                throw in.unsupported(start, Feature.MULTI_MEMORY);
            }
            throw in.invalid(start, "the alignment is 2^" + alignment + ", at most 2^" + largest + " is natural here");
        }
        in.readUnsigned("the offset");
    }

    private void requireMemory(int place) {
        if (space.memories() == 0) {
            throw in.invalid(place, "an instruction on a memory, but the module has none");
        }
    }

    private void readMemory(int place) {
        requireMemory(place);
        int start = in.position();
        if (in.readByte("the memory") != 0) {
            throw in.unsupported(start, Feature.MULTI_MEMORY);
        }
    }

    private void readData(int place) {
        if (space.dataCount() < 0) {
            throw in.invalid(place, "an instruction on a data segment, but the module has no data count section");
        }
        in.readIndex("the data segment", space.dataCount());
    }

    private int readTable() {
        return in.readIndex("the table", space.tables());
    }

    private int readElement() {
        return in.readIndex("the element segment", space.elements());
    }

    private void initialiseTable(int place) {
        int element = readElement();
        int table = readTable();
        requireSame(place, space.typeOfTable(table), space.typeOfElement(element));
        popThree();
    }

    private void copyTable(int place) {
        int to = readTable();
        int from = readTable();
        requireSame(place, space.typeOfTable(to), space.typeOfTable(from));
        popThree();
    }

    private void requireSame(int place, int to, int from) {
        if (to != from) {
            throw in.invalid(
                    place, "a table of " + ValueType.name(to) + " cannot take values of " + ValueType.name(from));
        }
    }

    private void popThree() {
        stack.pop(ValueType.I32);
        stack.pop(ValueType.I32);
        stack.pop(ValueType.I32);
    }
}
