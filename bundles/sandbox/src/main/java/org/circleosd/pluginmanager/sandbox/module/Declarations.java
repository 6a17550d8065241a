package org.circleosd.pluginmanager.sandbox.module;

import java.util.HashSet;
import java.util.Set;

/**
 * Checks the sections that say what a module has: types, imports, functions, tables, the memory, globals, exports.
 *
 * @see <a href="https://webassembly.github.io/spec/core/binary/modules.html">modules</a>
 */
final class Declarations {

    private static final int FUNCTION_TYPE = 0x60;
    private static final long MAX_PAGES = 65_536;
    private static final long NO_MAXIMUM = 0xffffffffL;

    private static final int HAS_MAXIMUM = 1;
    private static final int IS_SHARED = 2;
    private static final int IS_64_BIT = 4;
    private static final int HAS_PAGE_SIZE = 8;

    private final ModuleInput in;
    private final ModuleSpace space;
    private final ConstantExpression constant;
    private long tableEntries;

    Declarations(ModuleInput in, ModuleSpace space, ConstantExpression constant) {
        this.in = in;
        this.space = space;
        this.constant = constant;
    }

    void readTypes(int count) {
        space.expectTypes(count);
        for (int i = 0; i < count; i++) {
            int place = in.position();
            int form = in.readByte("the form of a type");
            switch (form) {
                case FUNCTION_TYPE -> {}
                case 0x4d, 0x4e, 0x4f, 0x50, 0x5e, 0x5f -> throw in.unsupported(place, Feature.GARBAGE_COLLECTION);
                case 0x5d -> throw in.unsupported(place, Feature.STACK_SWITCHING);
                default ->
                    throw in.invalid(place, "type " + i + " has the unknown form 0x" + Integer.toHexString(form));
            }
            int parameters = in.readCount("the number of parameters", ModuleLimits.PARAMETERS);
            int parametersAt = readValueTypes(parameters, "a parameter");
            int results = in.readCount("the number of results", ModuleLimits.RESULTS);
            int resultsAt = readValueTypes(results, "a result");
            space.addType(parametersAt, parameters, resultsAt, results);
        }
    }

    private int readValueTypes(int count, String what) {
        int first = in.position();
        for (int i = 0; i < count; i++) {
            ValueType.read(in, what);
        }
        return first;
    }

    void readImports(int count) {
        space.expectFunctions(count);
        space.expectTables(count);
        space.expectGlobals(count);
        for (int i = 0; i < count; i++) {
            in.readName("the module of an import");
            in.readName("the name of an import");
            int place = in.position();
            int kind = in.readByte("the kind of an import");
            switch (kind) {
                case 0 -> readFunction();
                case 1 -> readTable();
                case 2 -> readMemory();
                case 3 -> readGlobalType();
                case 4 -> throw in.unsupported(place, Feature.EXCEPTIONS);
                default -> throw in.invalid(place, "import " + i + " has the unknown kind " + kind);
            }
        }
        space.importsEnd();
    }

    void readFunctions(int count) {
        space.expectFunctions(count);
        for (int i = 0; i < count; i++) {
            readFunction();
        }
    }

    private void readFunction() {
        space.addFunction(in.readIndex("the type of a function", space.types()));
    }

    void readTables(int count) {
        space.expectTables(count);
        for (int i = 0; i < count; i++) {
            readTable();
        }
    }

    private void readTable() {
        int place = in.position();
        if (in.left() > 0 && in.readByte("a table") == 0x40) {
            throw in.unsupported(place, Feature.FUNCTION_REFERENCES);
        }
        in.goBack();
        int type = ValueType.readReference(in, "a table");
        tableEntries += readLimits("a table", NO_MAXIMUM);
        if (tableEntries > ModuleLimits.TABLE_ENTRIES) {
            throw in.overLimit(place, "the tables have " + tableEntries + " entries", ModuleLimits.TABLE_ENTRIES);
        }
        space.addTable(type);
    }

    void readMemories(int count) {
        for (int i = 0; i < count; i++) {
            readMemory();
        }
    }

    private void readMemory() {
        int place = in.position();
        readLimits("a memory", MAX_PAGES);
        if (space.memories() > 0) {
            throw in.unsupported(place, Feature.MULTI_MEMORY);
        }
        space.addMemory();
    }

    /**
     * Reads a minimum and, if there is one, a maximum.
     *
     * @see <a href="https://webassembly.github.io/spec/core/binary/types.html#limits">limits</a>
     */
    private long readLimits(String what, long most) {
        int place = in.position();
        int flags = in.readByte("the flags of " + what);
        if (flags > (HAS_MAXIMUM | IS_SHARED | IS_64_BIT | HAS_PAGE_SIZE)) {
            throw in.invalid(place, what + " has the unknown flags 0x" + Integer.toHexString(flags));
        }
        if ((flags & IS_64_BIT) != 0) {
            throw in.unsupported(place, Feature.MEMORY64);
        }
        if ((flags & IS_SHARED) != 0) {
            throw in.unsupported(place, Feature.THREADS);
        }
        if ((flags & HAS_PAGE_SIZE) != 0) {
            throw in.unsupported(place, Feature.PAGE_SIZES);
        }
        long minimum = in.readUnsigned("the minimum of " + what);
        long maximum = (flags & HAS_MAXIMUM) == 0 ? most : in.readUnsigned("the maximum of " + what);
        if (maximum > most) {
            throw in.invalid(place, "the maximum of " + what + " is " + maximum + ", at most " + most + " is possible");
        }
        if (minimum > maximum) {
            throw in.invalid(place, "the minimum of " + what + " is " + minimum + ", more than " + maximum);
        }
        return minimum;
    }

    void readGlobals(int count) {
        space.expectGlobals(count);
        for (int i = 0; i < count; i++) {
            int global = space.globals();
            readGlobalType();
            constant.check(space.typeOfGlobal(global), "the value of a global");
        }
    }

    private void readGlobalType() {
        int type = ValueType.read(in, "a global");
        int place = in.position();
        int mutable = in.readByte("the mutability of a global");
        if (mutable > 1) {
            throw in.invalid(place, "the mutability of a global is " + mutable + "; expected 0 or 1");
        }
        space.addGlobal(type, mutable == 1);
    }

    void readExports(int count) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int start = in.position();
            String name = in.readName("the name of an export");
            if (!names.add(name)) {
                throw in.invalid(start, "there are two exports named '" + name + "'");
            }
            int place = in.position();
            int kind = in.readByte("the kind of an export");
            switch (kind) {
                case 0 -> space.makeReferable(in.readIndex("the exported function", space.functions()));
                case 1 -> in.readIndex("the exported table", space.tables());
                case 2 -> in.readIndex("the exported memory", space.memories());
                case 3 -> in.readIndex("the exported global", space.globals());
                case 4 -> throw in.unsupported(place, Feature.EXCEPTIONS);
                default -> throw in.invalid(place, "export " + i + " has the unknown kind " + kind);
            }
        }
    }

    void readStart() {
        int place = in.position();
        int function = in.readIndex("the start function", space.functions());
        int type = space.typeOfFunction(function);
        if (space.parameters(type) + space.results(type) > 0) {
            throw in.invalid(place, "the start function has parameters or results");
        }
    }
}
