package org.circleosd.pluginmanager.nativeloader.process;

import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.circleosd.pluginmanager.worker.abi.HostServices;
import org.circleosd.pluginmanager.worker.abi.Value;
import org.circleosd.pluginmanager.worker.wire.BrokenFrameException;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;

/**
 * The host as a plugin in a worker sees it.
 *
 * @param services answers what it asks
 * @param log takes what its process prints
 */
record PluginSide(HostServices services, PluginLog log) {

    /** Takes the rest of a {@link FrameKind#LOG}. */
    void logged(Frame frame) throws BrokenFrameException {
        int level = frame.body().u32();
        byte[] text = frame.body().rest();
        if (text.length > Frame.MAX_LOG_BYTES) {
            throw new BrokenFrameException("a log frame of " + text.length + " bytes");
        }
        services.log(level, text);
    }

    /** Answers the rest of a {@link FrameKind#GET} or {@link FrameKind#PUT}. */
    FrameBytes answer(Frame frame) throws BrokenFrameException {
        String key = frame.body().text();
        if (frame.kind() == FrameKind.GET) {
            Value value = services.get(key);
            return value(frame, value.code()).rest(value.bytes());
        }
        boolean present = frame.body().u32() != 0;
        byte[] value = frame.body().rest();
        return value(frame, services.put(key, present ? value : null));
    }

    private static FrameBytes value(Frame frame, int code) {
        return new FrameBytes(frame.id(), FrameKind.VALUE).u32(code);
    }
}
