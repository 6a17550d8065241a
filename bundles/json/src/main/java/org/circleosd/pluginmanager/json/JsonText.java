package org.circleosd.pluginmanager.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.json.JsonValue.JsonArray;
import org.circleosd.pluginmanager.json.JsonValue.JsonLiteral;
import org.circleosd.pluginmanager.json.JsonValue.JsonNumber;
import org.circleosd.pluginmanager.json.JsonValue.JsonObject;
import org.circleosd.pluginmanager.json.JsonValue.JsonString;

/** Reads and writes strict JSON: RFC 8259 in UTF-8, every member once, every text whole. */
public final class JsonText {

    public static final int MAX_BYTES = 1 << 20;
    public static final int MAX_DEPTH = 32;

    // Jackson does the grammar; what its options leave open (encoding, BOM, lone surrogates, a second document) is
    // checked here. The pool keeps nothing in the threads of others, which outlive this bundle.
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_BYTES)
                    .maxNameLength(MAX_BYTES)
                    .maxNumberLength(100)
                    .build())
            .build();

    /** What Jackson says of its own options, which mean nothing to an author. */
    private static final Pattern OF_NO_USE = Pattern.compile(
            "[,;:]? *\\(?(from|enable) `[^`]*`( to allow)?\\)?| *\\(not recognized as one since[^)]*\\)");

    private JsonText() {}

    /**
     * Reads one document.
     *
     * @param fault makes the failure for what is wrong with the document
     */
    public static JsonValue read(byte[] json, Fault fault) {
        if (json.length > MAX_BYTES) {
            throw fault.at("", json.length + " bytes", "at most " + MAX_BYTES + " bytes");
        }
        String text = decode(json, fault);
        if (text.startsWith("\ufeff")) {
            throw fault.at("", "a byte order mark", "a JSON object from the first byte on");
        }
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() == null) {
                throw fault.at("", "an empty file", "one JSON object");
            }
            JsonValue value = value(parser, fault);
            if (parser.nextToken() != null) {
                throw fault.at("", "more text after the JSON object", "one JSON object");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw fault.at("", reason(e), "strict JSON");
        } catch (IOException e) {
            throw new IllegalStateException("a text in memory could not be read", e);
        }
    }

    private static String reason(JsonProcessingException e) {
        String text = e instanceof JsonEOFException
                ? "the file ends inside the JSON"
                : OF_NO_USE.matcher(e.getOriginalMessage()).replaceAll("");
        JsonLocation where = e.getLocation();
        String place = where == null ? "" : "line " + where.getLineNr() + ", column " + where.getColumnNr() + ": ";
        return place + Shown.shortened(text, 200);
    }

    private static String decode(byte[] json, Fault fault) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
        } catch (CharacterCodingException e) {
            throw fault.at("", "bytes that are not UTF-8", "JSON in UTF-8");
        }
    }

    private static JsonValue value(JsonParser parser, Fault fault) throws IOException {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> object(parser, fault);
            case START_ARRAY -> array(parser, fault);
            case VALUE_STRING -> new JsonString(whole(parser.getText(), parser, fault));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getText());
            case VALUE_TRUE -> JsonLiteral.TRUE;
            case VALUE_FALSE -> JsonLiteral.FALSE;
            case VALUE_NULL -> JsonLiteral.NULL;
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalStateException("no JSON value starts with " + token);
        };
    }

    private static JsonObject object(JsonParser parser, Fault fault) throws IOException {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = whole(parser.currentName(), parser, fault);
            parser.nextToken();
            members.put(name, value(parser, fault));
        }
        return new JsonObject(members);
    }

    private static JsonArray array(JsonParser parser, Fault fault) throws IOException {
        List<JsonValue> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(parser, fault));
        }
        return new JsonArray(items);
    }

    private static String whole(String text, JsonParser parser, Fault fault) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw fault.at(
                    parser.getParsingContext().pathAsPointer().toString(),
                    "half of a surrogate pair",
                    "whole Unicode characters");
        }
        return text;
    }

    /** Appends a value as compact JSON. */
    public static void append(StringBuilder json, JsonValue value) {
        if (value instanceof JsonObject object) {
            String separator = "{";
            for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                json.append(separator);
                appendQuoted(json, member.getKey());
                append(json.append(':'), member.getValue());
                separator = ",";
            }
            json.append(object.members().isEmpty() ? "{}" : "}");
        } else if (value instanceof JsonArray array) {
            String separator = "[";
            for (JsonValue item : array.items()) {
                append(json.append(separator), item);
                separator = ",";
            }
            json.append(array.items().isEmpty() ? "[]" : "]");
        } else if (value instanceof JsonString string) {
            appendQuoted(json, string.text());
        } else if (value instanceof JsonNumber number) {
            json.append(number.digits());
        } else if (value instanceof JsonLiteral literal) {
            json.append(literal.name().toLowerCase(Locale.ROOT));
        }
    }

    private static void appendQuoted(StringBuilder json, String text) {
        json.append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, json);
        json.append('"');
    }
}
