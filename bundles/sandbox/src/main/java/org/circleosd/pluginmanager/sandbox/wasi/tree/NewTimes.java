package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.util.OptionalLong;

/**
 * Times to set.
 *
 * @param accessed nanoseconds since 1970; empty: as it is
 * @param modified nanoseconds since 1970; empty: as it is
 */
public record NewTimes(OptionalLong accessed, OptionalLong modified) {}
