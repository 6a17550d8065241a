package org.circleosd.pluginmanager.sandbox.module;

/**
 * How much of what the limits bound a module has.
 *
 * @param functions of the module's own, without imports
 * @param largestBody in bytes
 * @param mostLocals of one function, parameters included
 * @param locals of all functions together
 * @param deepestNesting of blocks, the function's own included
 * @param mostOperands on the stack of one function
 * @param branchTargets of all {@code br_table} together
 */
public record ModuleFigures(
        int functions,
        int largestBody,
        int mostLocals,
        long locals,
        int deepestNesting,
        int mostOperands,
        long branchTargets) {}
