package org.circleosd.pluginmanager.api.action;

import org.jspecify.annotations.Nullable;

/**
 * What a successful reply shows.
 *
 * @param message the reply's {@code message}
 * @param data the reply's {@code data}: null, String, Boolean, Integer, Long, Double, a List of these or a Map with
 *     String keys, nested as needed; a Map's order is the reply's order
 */
public record ActionResult(
        @Nullable String message, @Nullable Object data) {}
