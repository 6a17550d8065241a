package org.circleosd.pluginmanager.sandbox.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;

/**
 * One guest's view of the system: WASI preview 1 with arguments, standard streams, clocks and randomness. There is no
 * file, no directory, no socket and no environment variable to find. For one thread at a time.
 *
 * @see <a href="https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md">WASI preview 1</a>
 */
public final class Wasi {

    private static final SecureRandom RANDOM = new SecureRandom();
    /** Random bytes come in pieces, so that a guest that wants 64 MiB of them is still stopped in time. */
    private static final int RANDOM_PIECE = 8192;

    private final CallLog log;
    private final WasiStreams streams;
    private final WasiClock clock = new WasiClock();
    private List<byte[]> args;

    /**
     * Makes the view of a guest whose prints go to the log and whose stdin is empty.
     *
     * @param name the plugin's name, its first argument
     */
    public Wasi(String name, CallLog log) {
        this.log = log;
        this.streams = new WasiStreams(log.out(), log.err());
        this.args = List.of(terminated(name));
    }

    /** Makes this the view of a command that reads its payload and writes its result. */
    public void beCommand(String name, String function, byte[] payload, GuestOutput result) {
        args = List.of(terminated(name), terminated(function));
        streams.redirect(payload, result);
    }

    /** Passes on what the call printed and opens the streams again for the next one. */
    public void endCall() {
        log.endCall();
        streams.reopen();
    }

    public CallLog log() {
        return log;
    }

    WasiStreams streams() {
        return streams;
    }

    WasiClock clock() {
        return clock;
    }

    /** args_sizes_get(count, size of all with their NULs). */
    int argsSizes(GuestMemory memory, int countAt, int sizeAt) {
        return sizes(memory, countAt, sizeAt, args);
    }

    /** args_get(array of addresses, texts with their NULs). */
    int args(GuestMemory memory, int addressesAt, int textAt) {
        int size = args.stream().mapToInt(arg -> arg.length).sum();
        if (!fits(memory, addressesAt, args.size() * 4L) || !fits(memory, textAt, size)) {
            return WasiErrno.FAULT;
        }
        int text = textAt;
        for (int i = 0; i < args.size(); i++) {
            memory.writeInt(addressesAt + i * 4, text);
            memory.write(text, args.get(i), 0, args.get(i).length);
            text += args.get(i).length;
        }
        return WasiErrno.SUCCESS;
    }

    /** environ_sizes_get(count, size): none. */
    int environSizes(GuestMemory memory, int countAt, int sizeAt) {
        return sizes(memory, countAt, sizeAt, List.of());
    }

    /** random_get(address, length). */
    int random(GuestMemory memory, int address, int length) {
        if (!fits(memory, address, Integer.toUnsignedLong(length))) {
            return WasiErrno.FAULT;
        }
        if (length < 0) {
            return WasiErrno.INVAL;
        }
        byte[] piece = new byte[Math.min(length, RANDOM_PIECE)];
        for (int done = 0; done < length; done += piece.length) {
            stopIfInterrupted();
            RANDOM.nextBytes(piece);
            memory.write(address + done, piece, 0, Math.min(piece.length, length - done));
        }
        return WasiErrno.SUCCESS;
    }

    /** Says whether a range lies inside the memory; address and length are unsigned. */
    public static boolean fits(GuestMemory memory, int address, long length) {
        return Integer.toUnsignedLong(address) + length <= memory.size();
    }

    /** Ends the guest's call if its thread was interrupted while the host worked for it. */
    public static void stopIfInterrupted() {
        if (Thread.interrupted()) {
            throw new PluginException(ErrorCode.CANCELLED, "cancelled");
        }
    }

    private static int sizes(GuestMemory memory, int countAt, int sizeAt, List<byte[]> texts) {
        if (!fits(memory, countAt, 4) || !fits(memory, sizeAt, 4)) {
            return WasiErrno.FAULT;
        }
        memory.writeInt(countAt, texts.size());
        memory.writeInt(sizeAt, texts.stream().mapToInt(text -> text.length).sum());
        return WasiErrno.SUCCESS;
    }

    private static byte[] terminated(String text) {
        return (text + '\0').getBytes(UTF_8);
    }
}
