package org.circleosd.pluginmanager.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * Reads a request line in one pass: strict JSON (RFC 8259, UTF-8, each member once), of which only the places of the
 * top-level members are kept.
 */
final class RequestLine {

    /** The request's own object and, inside it, a payload of 64 levels. */
    static final int MAX_DEPTH = 65;

    static final int MAX_MEMBERS = 100;
    static final int MAX_NUMBER_CHARS = 1000;

    // Jackson does the grammar; what its options leave open (invalid UTF-8 in skipped texts, UTF-16, a BOM, a second
    // document) is checked here. Names are not interned: clients choose them. The pool keeps nothing in the threads of
    // others, which outlive this bundle.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER_CHARS)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** What Jackson says of its own options, which mean nothing to a client. */
    private static final Pattern OF_NO_USE = Pattern.compile(
            "[,;:]? *\\(?(from|enable) `[^`]*`( to allow)?\\)?| *\\(not recognized as one since[^)]*\\)");

    private static final int MAX_REASON_CHARS = 160;

    private RequestLine() {}

    /**
     * Reads a line.
     *
     * @throws PluginException {@link ErrorCode#BAD_JSON}, {@link ErrorCode#BAD_REQUEST} if it is no object, or
     *     {@link ErrorCode#TOO_LARGE} if it has too many members
     */
    static JsonRequest read(byte[] line, Caller caller) {
        checkEncoding(line);
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                String found = JsonKind.ofFirstByte(line[offset(parser)]).shown();
                finish(parser);
                throw new PluginException(
                        ErrorCode.BAD_REQUEST,
                        "the line is " + found + "; expected an object, as {\"action\":\"list\"}");
            }
            JsonRequest request = new JsonRequest(line, caller);
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                if (request.size() == MAX_MEMBERS) {
                    throw new PluginException(
                            ErrorCode.TOO_LARGE, "the request has more than " + MAX_MEMBERS + " members");
                }
                request.add(name, offset(parser));
                parser.skipChildren();
            }
            finish(parser);
            return request;
        } catch (JsonProcessingException e) {
            throw new PluginException(ErrorCode.BAD_JSON, reason(e));
        } catch (IOException e) {
            throw new IllegalStateException("a line in memory could not be read", e);
        }
    }

    private static void checkEncoding(byte[] line) {
        int invalid = Utf8.firstInvalid(line);
        if (invalid >= 0) {
            throw new PluginException(ErrorCode.BAD_JSON, "the line is not UTF-8 at byte " + (invalid + 1));
        }
        if (line.length >= 3 && line[0] == (byte) 0xef && line[1] == (byte) 0xbb && line[2] == (byte) 0xbf) {
            throw new PluginException(
                    ErrorCode.BAD_JSON, "the line starts with a byte order mark; expected JSON from the first byte on");
        }
        // Jackson would take these for UTF-16 or UTF-32.
        for (int i = 0; i < Math.min(4, line.length); i++) {
            if (line[i] == 0) {
                throw new PluginException(
                        ErrorCode.BAD_JSON, "the line is not JSON in UTF-8: byte " + (i + 1) + " is 0");
            }
        }
    }

    /** Reads on to the end, for the errors that are left. */
    private static void finish(JsonParser parser) throws IOException {
        parser.skipChildren();
        if (parser.nextToken() != null) {
            throw new PluginException(ErrorCode.BAD_JSON, "more text follows the JSON; expected one object a line");
        }
    }

    private static int offset(JsonParser parser) {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    private static String reason(JsonProcessingException e) {
        if (e instanceof JsonEOFException) {
            return "the line ends inside the JSON";
        }
        String text = OF_NO_USE.matcher(e.getOriginalMessage()).replaceAll("");
        long offset = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
        String place = offset < 0 ? "" : " at byte " + (offset + 1);
        return "not JSON" + place + ": " + VisibleText.line(text, MAX_REASON_CHARS);
    }
}
