package org.circleosd.pluginmanager.shell;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The client's side of the frames. */
final class TestClient implements AutoCloseable {

    /** What came until a status; status -1: the daemon closed without one. */
    record Answer(String output, String error, int status, boolean goesOn) {}

    /** The shell is being replaced; nothing was run. */
    static final Answer AGAIN = new Answer("", "", -2, false);

    private static final Pattern ANSI = Pattern.compile("\u001b(\\[[0-9;?]*[A-Za-z]|[=>])|\r");

    private final Connection connection;
    private final ByteArrayOutputStream unread = new ByteArrayOutputStream();

    TestClient(SocketChannel channel) {
        connection = new Connection(channel);
    }

    TestClient hello(String... lines) throws IOException {
        connection.write(Frame.text(Frame.HELLO, String.join("\n", lines)));
        return this;
    }

    Answer run(String command) throws IOException {
        send(Frame.text(Frame.COMMAND, command));
        return answer();
    }

    void send(Frame frame) throws IOException {
        connection.write(frame);
    }

    Answer answer() throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream error = new ByteArrayOutputStream();
        for (Frame frame = connection.read(); frame != null; frame = connection.read()) {
            switch (frame.type()) {
                case Frame.OUTPUT -> output.write(frame.payload());
                case Frame.ERROR -> error.write(frame.payload());
                case Frame.AGAIN -> {
                    return AGAIN;
                }
                default -> {
                    return new Answer(text(output), text(error), frame.payload()[0], frame.payload()[1] == 1);
                }
            }
        }
        return new Answer(text(output), text(error), -1, false);
    }

    /** Reads output until the text comes, leaving out what moves the cursor and sets colours. */
    String outputUntil(String text) throws IOException {
        while (true) {
            String plain = ANSI.matcher(unread.toString(StandardCharsets.UTF_8)).replaceAll("");
            int at = plain.indexOf(text);
            if (at >= 0) {
                unread.reset();
                unread.writeBytes(plain.substring(at + text.length()).getBytes(StandardCharsets.UTF_8));
                return plain.substring(0, at);
            }
            Frame frame = connection.read();
            if (frame == null || frame.type() != Frame.OUTPUT) {
                throw new IOException("ended without '" + text + "': " + plain);
            }
            unread.write(frame.payload());
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
