package org.circleosd.pluginmanager.api;

import org.jspecify.annotations.Nullable;

/**
 * A function as the manifest describes it.
 *
 * @param name as callers name it; not empty
 * @param description what it does, for people; may be empty
 * @param input JSON Schema of its payload as compact JSON text; null if not described
 * @param output JSON Schema of its result as compact JSON text; null if not described
 */
public record FunctionDescription(
        String name,
        String description,
        @Nullable String input,
        @Nullable String output) {}
