package org.circleosd.pluginmanager.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.action.ActionRequest;

/**
 * A request by the places of its members in the line. Values are decoded when an action asks for them: most requests
 * have three members and one reader.
 */
final class JsonRequest implements ActionRequest {

    private static final int ABSENT = -1;
    private static final byte[] NO_BYTES = {};

    /** The largest that every JSON library reads exactly: 2^53 - 1. */
    private static final long MAX_NUMBER = (1L << 53) - 1;

    private static final int MAX_NUMBER_CHARS = 16;
    private static final String WHOLE_NUMBER = "a whole number from 0 to " + MAX_NUMBER + ", or null";

    private final byte[] line;
    private final Caller caller;
    private String[] names = new String[6];
    private int[] offsets = new int[6];
    private int size;

    JsonRequest(byte[] line, Caller caller) {
        this.line = line;
        this.caller = caller;
    }

    /** Adds a member whose value starts at this place. */
    void add(String name, int offset) {
        if (size == names.length) {
            names = Arrays.copyOf(names, 2 * size);
            offsets = Arrays.copyOf(offsets, 2 * size);
        }
        names[size] = name;
        offsets[size++] = offset;
    }

    int size() {
        return size;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public String string(String member) {
        int offset = given(member);
        if (offset == ABSENT) {
            throw new PluginException(ErrorCode.BAD_REQUEST, "member '" + member + "' is missing; expected a string");
        }
        return decode(member, offset, "a string");
    }

    @Override
    public Optional<String> optionalString(String member) {
        int offset = given(member);
        return offset == ABSENT ? Optional.empty() : Optional.of(decode(member, offset, "a string or null"));
    }

    @Override
    public boolean flag(String member) {
        int offset = given(member);
        if (offset == ABSENT) {
            return false;
        }
        if (kind(offset) != JsonKind.BOOLEAN) {
            throw unexpected(member, offset, "true, false or null");
        }
        return line[offset] == 't';
    }

    @Override
    public OptionalLong optionalNumber(String member) {
        int offset = given(member);
        if (offset == ABSENT) {
            return OptionalLong.empty();
        }
        if (kind(offset) != JsonKind.NUMBER) {
            throw unexpected(member, offset, WHOLE_NUMBER);
        }
        String text = new String(JsonBytes.compact(line, offset), StandardCharsets.US_ASCII);
        if (text.length() > MAX_NUMBER_CHARS || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw badNumber(member, text);
        }
        long number = Long.parseLong(text);
        if (number > MAX_NUMBER) {
            throw badNumber(member, text);
        }
        return OptionalLong.of(number);
    }

    @Override
    public byte[] bytes(String member) {
        int offset = given(member);
        if (offset == ABSENT) {
            return NO_BYTES;
        }
        return kind(offset) == JsonKind.STRING ? unescape(member, offset) : JsonBytes.compact(line, offset);
    }

    private String decode(String member, int offset, String expected) {
        if (kind(offset) != JsonKind.STRING) {
            throw unexpected(member, offset, expected);
        }
        return new String(unescape(member, offset), StandardCharsets.UTF_8);
    }

    private PluginException unexpected(String member, int offset, String expected) {
        return new PluginException(
                ErrorCode.BAD_REQUEST,
                "member '" + member + "' is " + kind(offset).shown() + "; expected " + expected);
    }

    private static PluginException badNumber(String member, String text) {
        return new PluginException(
                ErrorCode.BAD_REQUEST,
                "member '" + member + "' is " + VisibleText.quoted(text) + "; expected " + WHOLE_NUMBER);
    }

    private byte[] unescape(String member, int offset) {
        byte[] text = JsonBytes.unescape(line, offset);
        if (text == null) {
            throw new PluginException(
                    ErrorCode.BAD_REQUEST,
                    "member '" + member + "' has half of a surrogate pair; expected whole Unicode characters");
        }
        return text;
    }

    private JsonKind kind(int offset) {
        return JsonKind.ofFirstByte(line[offset]);
    }

    private int given(String member) {
        for (int i = 0; i < size; i++) {
            if (names[i].equals(member)) {
                return kind(offsets[i]) == JsonKind.NULL ? ABSENT : offsets[i];
            }
        }
        return ABSENT;
    }
}
