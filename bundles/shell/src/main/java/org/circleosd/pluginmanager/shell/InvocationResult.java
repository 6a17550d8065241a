package org.circleosd.pluginmanager.shell;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What {@code plugin:invoke} returns: the plugin's answer, shown as text if it is UTF-8, else as Base64. */
public final class InvocationResult {

    private final byte[] bytes;

    InvocationResult(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** Returns the answer as it came. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Returns the answer as text, unchanged: what a script passes on when it uses the result as an argument. */
    @Override
    public String toString() {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return Base64.getEncoder().encodeToString(bytes);
        }
    }
}
