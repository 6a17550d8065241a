package org.circleosd.pluginmanager.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
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
    public byte[] bytes(String member) {
        int offset = given(member);
        if (offset == ABSENT) {
            return NO_BYTES;
        }
        return kind(offset) == JsonKind.STRING ? unescape(member, offset) : JsonBytes.compact(line, offset);
    }

    private String decode(String member, int offset, String expected) {
        if (kind(offset) != JsonKind.STRING) {
            throw new PluginException(
                    ErrorCode.BAD_REQUEST,
                    "member '" + member + "' is " + kind(offset).shown() + "; expected " + expected);
        }
        return new String(unescape(member, offset), StandardCharsets.UTF_8);
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
