package org.circleosd.pluginmanager.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A client of the daemon that sends one line and waits for its answer. */
final class Client implements AutoCloseable {

    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(64 << 10);

    Client(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    /** Returns the answer, whatever it is. */
    String ask(String request) throws IOException {
        ByteBuffer out = ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8));
        while (out.hasRemaining()) {
            channel.write(out);
        }
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        while (true) {
            in.clear();
            if (channel.read(in) < 0) {
                throw new IOException("the daemon closed the connection after " + request);
            }
            answer.write(in.array(), 0, in.position());
            if (in.get(in.position() - 1) == '\n') {
                return answer.toString(StandardCharsets.UTF_8).stripTrailing();
            }
        }
    }

    /** Asks for something that must be done. */
    String demand(String request) throws IOException {
        String answer = ask(request);
        if (!answer.startsWith("{\"ok\":true")) {
            throw new IOException(
                    "the daemon refused " + request.substring(0, Math.min(200, request.length())) + ": " + answer);
        }
        return answer;
    }

    /** Returns once every plugin can be called and the daemon with its children has used hardly any CPU for half a second. */
    void awaitRest(long pid) throws IOException {
        double last = -1;
        while (true) {
            String list = demand("{\"action\":\"list\"}");
            double cpu = ProcessFigures.treeCpuSeconds(pid);
            boolean ready = !list.contains("\"mode\":\"compiling\"") && !list.contains("\"state\":\"loading\"");
            if (ready && Math.abs(cpu - last) < 0.05) { // less than before if a child has ended
                return;
            }
            last = cpu;
            pause();
        }
    }

    /** A benchmark may wait where a test must not. */
    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
