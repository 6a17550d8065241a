package org.circleosd.pluginmanager.api.engine;

import org.jspecify.annotations.Nullable;

/**
 * What a module offers.
 *
 * @param name unique within the module
 * @param kind "function", "memory", "table", "global" or "tag"
 * @param type of a function; null for any other kind
 */
public record WasmExport(String name, String kind, @Nullable WasmFunctionType type) {}
