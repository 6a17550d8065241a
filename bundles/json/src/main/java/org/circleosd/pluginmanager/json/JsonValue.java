package org.circleosd.pluginmanager.json;

import java.util.List;
import java.util.Map;

/** A JSON value as it was written: members keep their order, numbers their digits. */
public sealed interface JsonValue {

    /** A value between braces. */
    record JsonObject(Map<String, JsonValue> members) implements JsonValue {}

    /** A value between brackets. */
    record JsonArray(List<JsonValue> items) implements JsonValue {}

    /** Text without lone surrogates. */
    record JsonString(String text) implements JsonValue {}

    /** A number by its digits. */
    record JsonNumber(String digits) implements JsonValue {}

    /** One of {@code true}, {@code false} and {@code null}. */
    enum JsonLiteral implements JsonValue {
        TRUE,
        FALSE,
        NULL
    }

    /** Names the value in a message: short, without control characters. */
    default String shown() {
        if (this instanceof JsonString string) {
            return Shown.quoted(string.text());
        } else if (this instanceof JsonNumber number) {
            return "the number " + number.digits();
        } else if (this instanceof JsonObject) {
            return "an object";
        } else if (this instanceof JsonArray) {
            return "an array";
        }
        return toJson();
    }

    /** Returns the value as compact JSON text. */
    default String toJson() {
        StringBuilder json = new StringBuilder();
        JsonText.append(json, this);
        return json.toString();
    }
}
