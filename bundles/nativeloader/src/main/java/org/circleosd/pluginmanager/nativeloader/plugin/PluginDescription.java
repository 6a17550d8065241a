package org.circleosd.pluginmanager.nativeloader.plugin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What {@code plugin_describe} says, as far as the host uses it. Unknown members are skipped.
 *
 * @param functions names, sorted
 * @param concurrent whether calls may run at once, on several threads
 */
public record PluginDescription(List<String> functions, boolean concurrent) {

    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_FUNCTIONS = 1000;

    /**
     * Reads a description.
     *
     * @throws IllegalArgumentException if it is none; the message says why
     */
    public static PluginDescription parse(String json) {
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("not a JSON object");
            }
            Set<String> names = new TreeSet<>();
            boolean concurrent = false;
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String member = parser.currentName();
                JsonToken value = parser.nextToken();
                if ("functions".equals(member) && value == JsonToken.START_ARRAY) {
                    readFunctions(parser, names);
                } else if ("threading".equals(member)) {
                    concurrent = isConcurrent(parser);
                } else {
                    parser.skipChildren();
                }
            }
            return new PluginDescription(List.copyOf(names), concurrent);
        } catch (JsonParseException | StreamConstraintsException e) {
            throw new IllegalArgumentException(e.getOriginalMessage());
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage());
        }
    }

    private static boolean isConcurrent(JsonParser parser) throws IOException {
        String threading = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
        return switch (threading) {
            case "serial" -> false;
            case "concurrent" -> true;
            default -> throw new IllegalArgumentException("threading: expected 'serial' or 'concurrent'");
        };
    }

    private static void readFunctions(JsonParser parser, Set<String> names) throws IOException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("functions: expected objects");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                boolean name = "name".equals(parser.currentName());
                JsonToken value = parser.nextToken();
                if (name && value == JsonToken.VALUE_STRING) {
                    names.add(parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
            if (names.size() > MAX_FUNCTIONS) {
                throw new IllegalArgumentException("functions: more than " + MAX_FUNCTIONS);
            }
        }
    }
}
