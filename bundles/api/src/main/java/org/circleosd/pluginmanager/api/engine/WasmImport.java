package org.circleosd.pluginmanager.api.engine;

import org.jspecify.annotations.Nullable;

/**
 * What a module needs.
 *
 * @param module first part of its name
 * @param name second part of its name
 * @param kind "function", "memory", "table", "global" or "tag"
 * @param type of a function; null for any other kind
 */
public record WasmImport(
        String module, String name, String kind, @Nullable WasmFunctionType type) {}
