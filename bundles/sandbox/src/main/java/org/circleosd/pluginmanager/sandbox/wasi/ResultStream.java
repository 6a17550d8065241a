package org.circleosd.pluginmanager.sandbox.wasi;

import java.io.ByteArrayOutputStream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;

/** The stream that is a command's result. */
public final class ResultStream implements GuestOutput {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int limit;

    /**
     * Makes an empty result.
     *
     * @param limit largest result, in bytes
     */
    public ResultStream(int limit) {
        this.limit = limit;
    }

    /**
     * Ends the guest as soon as the result is too long: a cut result would be a wrong one.
     *
     * @throws PluginException {@link ErrorCode#TOO_LARGE}
     */
    @Override
    public void write(GuestMemory memory, int address, int length) {
        if (length > limit - bytes.size()) {
            throw new PluginException(
                    ErrorCode.TOO_LARGE,
                    "the plugin's result is longer than " + limit + " bytes (limits.output_bytes)");
        }
        bytes.writeBytes(memory.read(address, length));
    }

    public byte[] toByteArray() {
        return bytes.toByteArray();
    }
}
