package org.circleosd.pluginmanager.itest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A client of the socket with nothing of ours in it. */
final class Client implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(64 << 10).flip();

    private Client(SocketChannel channel) {
        this.channel = channel;
    }

    static Client connect(Path socket) throws IOException {
        return new Client(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    String ask(String line) throws IOException {
        send(line);
        return receive();
    }

    JsonNode askJson(String line) throws IOException {
        return json(ask(line));
    }

    static JsonNode json(String reply) {
        try {
            return JSON.readTree(reply);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + reply, e);
        }
    }

    static String invoke(String id, String function, String payload) {
        return JSON.createObjectNode()
                .put("action", "invoke")
                .put("id", id)
                .put("func", function)
                .put("payload", payload)
                .toString();
    }

    static String load(Path path) {
        return JSON.createObjectNode()
                .put("action", "load")
                .put("path", path.toString())
                .toString();
    }

    static String load(Path path, @Nullable Path manifest, @Nullable String as) {
        return JSON.createObjectNode()
                .put("action", "load")
                .put("path", path.toString())
                .put("manifest", manifest == null ? null : manifest.toString())
                .put("as", as)
                .toString();
    }

    static String unload(String id) {
        return JSON.createObjectNode().put("action", "unload").put("id", id).toString();
    }

    void send(String line) throws IOException {
        sendBytes((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void sendBytes(byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    void endOfInput() throws IOException {
        channel.shutdownOutput();
    }

    /** Returns the next line without its end; fails if the daemon closed the connection. */
    String receive() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (in.hasRemaining()) {
                byte next = in.get();
                if (next == '\n') {
                    return line.toString(StandardCharsets.UTF_8);
                }
                line.write(next);
            }
            in.clear();
            int read = channel.read(in);
            in.flip();
            if (read < 0) {
                throw new IOException("the daemon closed the connection after '" + line + "'");
            }
        }
    }

    /** Says whether the daemon closed the connection and nothing is left to read. */
    boolean isAtEnd() throws IOException {
        if (in.hasRemaining()) {
            return false;
        }
        in.clear();
        int read = channel.read(in);
        in.flip();
        return read < 0;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
