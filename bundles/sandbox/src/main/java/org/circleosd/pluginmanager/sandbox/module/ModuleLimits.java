package org.circleosd.pluginmanager.sandbox.module;

/**
 * The largest modules that are taken. Each bounds what a small file can make an engine do; all lie well above what
 * compilers emit: docs/security.md has the figures. The size of the file is a setting of the sandbox.
 */
final class ModuleLimits {

    /** Bytes of the name of an import, an export or a custom section. */
    static final int NAME_BYTES = 1_024;

    static final int PARAMETERS = 64;
    static final int RESULTS = 16;

    /** Entries of all tables together, as declared. */
    static final long TABLE_ENTRIES = 100_000;

    /** Locals of one function, parameters included. */
    static final int LOCALS = 5_000;
    /** Locals of all functions together: three bytes can declare thousands, and compiled code initialises each. */
    static final long LOCALS_OF_MODULE = 500_000;

    static final int BODY_BYTES = 1 << 20;
    /** Blocks within each other, the function included. A large program in Go has 3,290. */
    static final int NESTING = 4_096;
    /** Values on the operand stack of a function. A frame of the JVM has room for 32,767 values of 64 bits. */
    static final int OPERANDS = 10_000;

    /** Targets of one {@code br_table}. */
    static final int BRANCH_TARGETS = 16_384;
    /** Targets of all {@code br_table} of a module: engines decode each into an object. */
    static final long BRANCH_TARGETS_OF_MODULE = 1_000_000;

    private ModuleLimits() {}
}
