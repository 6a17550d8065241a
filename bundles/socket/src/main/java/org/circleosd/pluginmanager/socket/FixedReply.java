package org.circleosd.pluginmanager.socket;

import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.api.ErrorCode;

/**
 * The reply lines of this room: for the cases in which no request handler can be asked. All other replies are the
 * handler's.
 */
final class FixedReply {

    private FixedReply() {}

    /** Makes a failure's reply line. */
    static byte[] of(ErrorCode code, String message) {
        StringBuilder line = new StringBuilder(128).append("{\"ok\":false,\"message\":\"");
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else {
                line.append(c < ' ' ? ' ' : c);
            }
        }
        line.append("\",\"data\":null,\"code\":\"").append(code.wireName());
        line.append(code.isTransient() ? "\",\"retry\":true}\n" : "\"}\n");
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }
}
