package org.circleosd.pluginmanager.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.json.JsonValue.JsonArray;
import org.circleosd.pluginmanager.json.JsonValue.JsonLiteral;
import org.circleosd.pluginmanager.json.JsonValue.JsonNumber;
import org.circleosd.pluginmanager.json.JsonValue.JsonObject;
import org.circleosd.pluginmanager.json.JsonValue.JsonString;

/**
 * A value of a file on its way to a checked one. Every method fails with the value's place if it is not what the
 * method's name says.
 *
 * @param pointer JSON pointer of the value
 */
public record Checked(JsonValue value, String pointer, Fault fault) {

    public PluginException wrong(String expected) {
        return fault.at(pointer, value.shown(), expected);
    }

    public boolean isNull() {
        return value == JsonLiteral.NULL;
    }

    /** Returns the items of an array that has at most so many. */
    public List<Checked> items(int most, String expected) {
        if (!(value instanceof JsonArray array)) {
            throw wrong(expected);
        }
        if (array.items().size() > most) {
            throw fault.at(pointer, array.items().size() + " items", "at most " + most);
        }
        List<Checked> items = new ArrayList<>();
        for (JsonValue item : array.items()) {
            items.add(new Checked(item, pointer + "/" + items.size(), fault));
        }
        return items;
    }

    public String text(TextRule rule) {
        if (!(value instanceof JsonString string) || !rule.allows(string.text())) {
            throw wrong(rule.expected());
        }
        return string.text();
    }

    /** Returns a whole number; as in JSON Schema, {@code 1.0} is one. */
    public long wholeNumber(long least, long most) {
        if (value instanceof JsonNumber number) {
            try {
                long found = new BigDecimal(number.digits()).longValueExact();
                if (found >= least && found <= most) {
                    return found;
                }
            } catch (ArithmeticException | NumberFormatException e) {
                throw wrong(wholeNumberText(least, most));
            }
        }
        throw wrong(wholeNumberText(least, most));
    }

    private static String wholeNumberText(long least, long most) {
        return least == most ? "the number " + least : "a whole number from " + least + " to " + most;
    }

    public boolean yes() {
        if (value != JsonLiteral.TRUE && value != JsonLiteral.FALSE) {
            throw wrong("true or false");
        }
        return value == JsonLiteral.TRUE;
    }

    /** Returns a JSON Schema as compact JSON text. */
    public String schema() {
        if (!(value instanceof JsonObject) && value != JsonLiteral.TRUE && value != JsonLiteral.FALSE) {
            throw wrong("a JSON Schema: an object, true or false");
        }
        return value.toJson();
    }
}
