package org.circleosd.pluginmanager.sandbox.extism;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request as a plugin writes it: {@code {"url":"...","method":"GET","headers":{"name":"value"}}}.
 *
 * @param url as the plugin wrote it
 * @param method as the plugin wrote it, else GET
 * @param headers by name
 */
record WebRequest(String url, String method, Map<String, String> headers) {

    private static final JsonFactory JSON = new JsonFactory();

    /**
     * Reads a request; members that it does not know are ignored.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_ERROR} if it is no such JSON
     */
    static WebRequest parse(byte[] json) {
        String url = null;
        String method = null;
        Map<String, String> headers = new LinkedHashMap<>();
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw malformed("it is no object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "url" -> url = text(parser, "url");
                    case "method" -> method = text(parser, "method");
                    // Some kits of the first days write "header".
                    case "headers", "header" -> readHeaders(parser, headers);
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException e) {
            throw malformed("it is no JSON");
        }
        if (url == null) {
            throw malformed("it has no url");
        }
        return new WebRequest(url, method == null || method.isEmpty() ? "GET" : method, headers);
    }

    private static void readHeaders(JsonParser parser, Map<String, String> headers) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw malformed("its headers are no object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            String value = text(parser, "headers/" + name);
            if (value != null) {
                headers.put(name, value);
            }
        }
    }

    private static @Nullable String text(JsonParser parser, String member) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_NULL -> null;
            case VALUE_STRING -> parser.getText();
            default -> throw malformed("its " + member + " is no text");
        };
    }

    private static PluginException malformed(String why) {
        return new PluginException(
                ErrorCode.PLUGIN_ERROR,
                "http_request: the plugin's request cannot be read, " + why
                        + "; expected {\"url\":\"...\",\"method\":\"...\",\"headers\":{...}}");
    }
}
