package org.circleosd.pluginmanager.shell;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One message between {@code plugin-manager shell} (class {@code ShellClient} of the launcher) and the running daemon.
 * This is the whole protocol.
 *
 * <p>On the wire a frame is its type (one byte, an ASCII letter), the length of its payload (four bytes, big-endian, at
 * most {@link #MAX_PAYLOAD}) and its payload. Texts are UTF-8, numbers big-endian.
 *
 * <p>The client speaks first, with one HELLO: lines {@code name=value}, unknown names are ignored.
 *
 * <ul>
 *   <li>{@code mode}: {@code command} or {@code terminal}
 *   <li>{@code dir}: absolute path that relative paths in commands are meant from
 *   <li>{@code columns}, {@code rows}: size of the terminal that shows the output; 0: none or unknown
 *   <li>{@code term}: the terminal's type as in {@code $TERM}
 * </ul>
 *
 * <p>Mode {@code command}: the client sends a COMMAND, the daemon answers with OUTPUT and ERROR frames as they come up
 * and one STATUS at the end; then the client may send the next COMMAND for the same session.
 *
 * <p>Mode {@code terminal}: the client has put its terminal into raw mode and sends what is typed as INPUT (Ctrl-C is
 * the byte 3 and interrupts the running command) and a SIZE when the window changes; the daemon sends OUTPUT, and one
 * STATUS when the person has left.
 *
 * <p>In both modes an AGAIN says that the shell is being replaced: this session has ended, and the client may attach to
 * the new shell, which listens at the same place a moment later. A COMMAND that got no STATUS before was not run.
 *
 * <p>A client that closes its socket ends its session: a running command is interrupted, unless it is replacing a
 * bundle. A connection that the daemon refuses gets an ERROR and a STATUS.
 *
 * @param type one of the letters below
 * @param payload not changed by anyone
 */
@SuppressWarnings("ArrayRecordComponent")
record Frame(char type, byte[] payload) {

    /** Client: who I am and what I want. */
    static final char HELLO = 'H';
    /** Client: run this text; mode command only. */
    static final char COMMAND = 'C';
    /** Client: typed bytes; mode terminal only. */
    static final char INPUT = 'I';
    /** Client: the window has this size now: columns and rows, four bytes each; mode terminal only. */
    static final char SIZE = 'W';
    /** Daemon: bytes for standard output. */
    static final char OUTPUT = 'O';
    /** Daemon: bytes for standard error; mode command only, except for refusals. */
    static final char ERROR = 'E';
    /** Daemon: exit status (0 done, 1 failed), then 1 if the session goes on, else 0; a byte each. */
    static final char STATUS = 'S';

    /** Daemon: the shell is being replaced, attach again; empty. */
    static final char AGAIN = 'A';

    /** Longest payload, in bytes. */
    static final int MAX_PAYLOAD = 1 << 20;
    /** Length of type and length, in bytes. */
    static final int HEADER = 5;

    static Frame text(char type, String text) {
        return new Frame(type, text.getBytes(StandardCharsets.UTF_8));
    }

    static Frame status(boolean ok, boolean goesOn) {
        return new Frame(STATUS, new byte[] {(byte) (ok ? 0 : 1), (byte) (goesOn ? 1 : 0)});
    }

    static Frame again() {
        return new Frame(AGAIN, new byte[0]);
    }

    String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    /** Returns the frame as it goes over the wire. */
    ByteBuffer encoded() {
        return ByteBuffer.allocate(HEADER + payload.length)
                .put((byte) type)
                .putInt(payload.length)
                .put(payload)
                .flip();
    }
}
