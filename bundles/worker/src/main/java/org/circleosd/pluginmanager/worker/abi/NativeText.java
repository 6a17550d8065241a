package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Pointer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Text of C: bytes of UTF-8 up to a zero byte. */
final class NativeText {

    private NativeText() {}

    /** Reads a text; null if it has no end within the bound. */
    static @Nullable String read(Pointer text, int maxBytes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < maxBytes; i++) {
            byte next = text.getByte(i);
            if (next == 0) {
                return bytes.toString(StandardCharsets.UTF_8);
            }
            bytes.write(next);
        }
        return null;
    }
}
