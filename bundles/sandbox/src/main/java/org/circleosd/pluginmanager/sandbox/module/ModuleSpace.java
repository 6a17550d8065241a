package org.circleosd.pluginmanager.sandbox.module;

import java.util.Arrays;
import java.util.BitSet;

/** What the sections read so far have declared, by index: what later sections and function bodies refer to. */
final class ModuleSpace {

    private static final int[] NOTHING = {};

    private final byte[] bytes;
    /** For each type: where its parameters begin in the module, how many, where its results begin, how many. */
    private int[] types = NOTHING;

    private int typeCount;
    private int[] functions = NOTHING;
    private int functionCount;
    private int importedFunctions;
    private int[] tables = NOTHING;
    private int tableCount;
    private int memories;
    private int[] globals = NOTHING;
    private int globalCount;
    private int importedGlobals;
    private int[] elements = NOTHING;
    private int elementCount;
    private int dataCount = -1;
    private final BitSet referable = new BitSet();

    ModuleSpace(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns the byte of a value type at a place that one of the methods below gave. */
    int typeAt(int place) {
        return bytes[place];
    }

    void expectTypes(int count) {
        types = new int[4 * count];
    }

    void addType(int parametersAt, int parameters, int resultsAt, int results) {
        int at = 4 * typeCount++;
        types[at] = parametersAt;
        types[at + 1] = parameters;
        types[at + 2] = resultsAt;
        types[at + 3] = results;
    }

    int types() {
        return typeCount;
    }

    int parametersAt(int type) {
        return types[4 * type];
    }

    int parameters(int type) {
        return types[4 * type + 1];
    }

    int resultsAt(int type) {
        return types[4 * type + 2];
    }

    int results(int type) {
        return types[4 * type + 3];
    }

    void expectFunctions(int count) {
        functions = Arrays.copyOf(functions, functionCount + count);
    }

    void addFunction(int type) {
        functions[functionCount++] = type;
    }

    int functions() {
        return functionCount;
    }

    int typeOfFunction(int function) {
        return functions[function];
    }

    void expectTables(int count) {
        tables = Arrays.copyOf(tables, tableCount + count);
    }

    void addTable(int elementType) {
        tables[tableCount++] = elementType;
    }

    int tables() {
        return tableCount;
    }

    int typeOfTable(int table) {
        return tables[table];
    }

    void addMemory() {
        memories++;
    }

    int memories() {
        return memories;
    }

    void expectGlobals(int count) {
        globals = Arrays.copyOf(globals, globalCount + count);
    }

    void addGlobal(int type, boolean mutable) {
        globals[globalCount++] = mutable ? -type : type;
    }

    int globals() {
        return globalCount;
    }

    int typeOfGlobal(int global) {
        return Math.abs(globals[global]);
    }

    boolean isMutable(int global) {
        return globals[global] < 0;
    }

    /** Notes that all that was added so far is imported. */
    void importsEnd() {
        importedFunctions = functionCount;
        importedGlobals = globalCount;
    }

    int importedFunctions() {
        return importedFunctions;
    }

    int importedGlobals() {
        return importedGlobals;
    }

    void expectElements(int count) {
        elements = new int[count];
    }

    void addElement(int type) {
        elements[elementCount++] = type;
    }

    int elements() {
        return elementCount;
    }

    int typeOfElement(int element) {
        return elements[element];
    }

    void setDataCount(int count) {
        dataCount = count;
    }

    /** Returns the number of data segments that the data count section announces, or -1 if there is no such section. */
    int dataCount() {
        return dataCount;
    }

    /** Notes that a function occurs outside of function bodies, which may then refer to it by {@code ref.func}. */
    void makeReferable(int function) {
        referable.set(function);
    }

    boolean isReferable(int function) {
        return referable.get(function);
    }
}
