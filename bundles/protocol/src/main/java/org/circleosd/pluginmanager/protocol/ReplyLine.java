package org.circleosd.pluginmanager.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.action.ActionResult;
import org.jspecify.annotations.Nullable;

/** Writes reply lines: the members ok, message, data and, of a failure, code and perhaps retry. */
final class ReplyLine {

    private static final int MAX_MESSAGE_CHARS = 2000;
    private static final int FRAME_BYTES = 128;

    private final ByteText line;

    private ReplyLine(int expectedBytes) {
        line = new ByteText(expectedBytes);
    }

    /**
     * Makes the reply of a success.
     *
     * @throws IllegalStateException if the data has a type that {@link ActionResult} does not allow
     */
    static byte[] success(ActionResult result) {
        Object data = result.data();
        ReplyLine reply =
                new ReplyLine(FRAME_BYTES + (data instanceof InvokeResult invoked ? invoked.bytes().length : 0));
        reply.line.ascii("{\"ok\":true,\"message\":");
        reply.text(result.message());
        reply.line.ascii(",\"data\":");
        reply.value(data);
        reply.line.ascii("}\n");
        return reply.line.toBytes();
    }

    static byte[] failure(ErrorCode code, String message) {
        ReplyLine reply = new ReplyLine(FRAME_BYTES + message.length());
        reply.line.ascii("{\"ok\":false,\"message\":");
        reply.text(VisibleText.line(message, MAX_MESSAGE_CHARS));
        reply.line.ascii(",\"data\":null,\"code\":\"").ascii(code.wireName());
        reply.line.ascii(code.isTransient() ? "\",\"retry\":true}\n" : "\"}\n");
        return reply.line.toBytes();
    }

    private void value(@Nullable Object value) {
        if (value instanceof InvokeResult result) {
            invoked(result.bytes());
        } else if (value == null || value instanceof String) {
            text((String) value);
        } else if (value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            line.ascii(value.toString());
        } else if (value instanceof Double number && Double.isFinite(number)) {
            line.ascii(value.toString());
        } else if (value instanceof List<?> list) {
            array(list);
        } else if (value instanceof Map<?, ?> map) {
            object(map);
        } else {
            throw new IllegalStateException(
                    "an action's data holds a " + value.getClass().getName());
        }
    }

    private void invoked(byte[] result) {
        if (Utf8.isValid(result)) {
            line.ascii("{\"resp\":\"").jsonOfUtf8(result).ascii("\"}");
        } else {
            byte[] base64 = Base64.getEncoder().encode(result);
            line.ascii("{\"resp_b64\":\"")
                    .ascii(new String(base64, StandardCharsets.ISO_8859_1))
                    .ascii("\"}");
        }
    }

    private void array(List<?> items) {
        String separator = "[";
        for (Object item : items) {
            line.ascii(separator);
            value(item);
            separator = ",";
        }
        line.ascii(items.isEmpty() ? "[]" : "]");
    }

    private void object(Map<?, ?> members) {
        String separator = "{";
        for (Map.Entry<?, ?> member : members.entrySet()) {
            if (!(member.getKey() instanceof String name)) {
                throw new IllegalStateException("an action's data has a member whose name is no text");
            }
            line.ascii(separator);
            text(name);
            line.ascii(":");
            value(member.getValue());
            separator = ",";
        }
        line.ascii(members.isEmpty() ? "{}" : "}");
    }

    private void text(@Nullable String text) {
        if (text == null) {
            line.ascii("null");
        } else {
            line.ascii("\"").json(text).ascii("\"");
        }
    }
}
