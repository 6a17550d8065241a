package org.circleosd.pluginmanager.worker.wire;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a frame says. A frame is a head of 12 bytes and a body:
 *
 * <pre>
 * u32 length of the body      u32 id      u32 kind      body
 * </pre>
 *
 * <p>All numbers are big-endian. {@code text} and {@code bytes} are a u32 length and as many bytes, texts in UTF-8;
 * {@code rest} is what is left of the body. A reply carries the id of its request. The daemon chooses the ids of its
 * requests, a worker those of its own ({@link #GET}, {@link #PUT}); 0 is the id of what has no reply.
 * {@code worker_protocol.h} has the same for C.
 *
 * <p>A worker that breaks these rules is ended: it runs the plugin's code, so nothing that it says is believed.
 */
public enum FrameKind {

    // From the daemon to the worker.

    /**
     * Confine yourself before the first plugin is opened; once. {@code u32 uid, u32 gid} to run as (0xffffffff: stay),
     * {@code u32 flags} (bit 0: refuse memory that is writable and executable), {@code bytes filter}: a seccomp program
     * as an array of {@code struct sock_filter} in the machine's byte order, for all threads (empty: none). The order:
     * become the user, arm the parent-death signal again (the change of the user clears it), flags, filter. Reply:
     * {@link #CONFINED}.
     */
    CONFINE(1),

    /**
     * Open a library and initialise it. {@code u32 plugin} (a number of the daemon's, not used before in this worker),
     * {@code text path}, {@code text entry} (empty: {@code plugin_init}, if there is one), {@code u32 symbols} (which
     * functions of the ABI the library itself exports, see {@link AbiSymbol}), {@code u64 outputBytes} (largest result),
     * {@code u32 timeoutMillis} (for {@code cancelled}), {@code u32 count} and as many {@code text key, text value} of
     * its configuration, {@code u32 count} and as many {@code text name, text value} to be set in the environment.
     * Reply: {@link #LOADED} or {@link #REFUSED}.
     */
    LOAD(2),

    /** {@code u32 plugin, u32 threads}: call it on so many threads at once from now on. No reply. */
    THREADS(3),

    /**
     * Call {@code plugin_invoke}. {@code u32 plugin, u32 remainingMillis} (for {@code cancelled}), {@code text function},
     * {@code rest payload}. Reply: {@link #RESULT}.
     */
    INVOKE(4),

    /**
     * Call a {@code void} function without parameters and answer what was printed on descriptor 1 meanwhile.
     * {@code u32 plugin, u32 remainingMillis, text function}. Reply: {@link #RESULT}.
     */
    RUN(5),

    /** {@code u32 plugin}: end it: {@code plugin_shutdown} after its calls. Reply: {@link #UNLOADED}. */
    UNLOAD(6),

    /** The answer to {@link #GET} or {@link #PUT}: {@code i32 code} as {@code plugin.h} has it, {@code rest value}. */
    VALUE(7),

    /** Say that you live. Reply: {@link #PONG}, at once, also while plugins compute. */
    PING(8),

    // From the worker to the daemon.

    /** The first frame: {@code u32 protocolVersion, u32 pid, text program} ({@code c} or {@code jvm}). Id 0. */
    READY(101),

    /** {@code u32 count} and as many {@code u32 step, u32 errno}; steps as {@link ConfineStep}, errno 0: done. */
    CONFINED(102),

    /** {@code u32 level} (0 or 1), {@code text description} (what {@code plugin_describe} returned; empty: nothing). */
    LOADED(103),

    /** {@code u32 stage} as {@link LoadStage}, {@code i32 code}, {@code text message}. */
    REFUSED(104),

    /**
     * {@code u32 status} as {@link ResultStatus}, {@code i32 code} that {@code plugin_invoke} returned,
     * {@code rest bytes}: result, or the plugin's message if the code is not 0.
     */
    RESULT(105),

    /** No body. */
    UNLOADED(106),

    /** No body. */
    PONG(107),

    /** A plugin logs: {@code u32 plugin, i32 level, rest text}, of at most {@value Frame#MAX_LOG_BYTES} bytes. Id 0. */
    LOG(110),

    /** A plugin reads a value: {@code u32 plugin, text key}. Reply: {@link #VALUE}. */
    GET(111),

    /** A plugin keeps a value: {@code u32 plugin, text key, u32 present} (0: delete), {@code rest value}. Reply: {@link #VALUE}. */
    PUT(112);

    /** The version of all this; a worker of another one is refused. */
    public static final int PROTOCOL_VERSION = 1;

    private static final Map<Integer, FrameKind> BY_NUMBER =
            Arrays.stream(values()).collect(Collectors.toMap(FrameKind::number, Function.identity()));

    private final int number;

    FrameKind(int number) {
        this.number = number;
    }

    /** Returns the number in the frame's head. */
    public int number() {
        return number;
    }

    /** Finds a kind; null for a number that is none. */
    public static @Nullable FrameKind of(int number) {
        return BY_NUMBER.get(number);
    }
}
