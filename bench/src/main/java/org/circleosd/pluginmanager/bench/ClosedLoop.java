package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Clients that each send a line, wait for the line that answers it, and send again; all on one thread. */
final class ClosedLoop {

    /**
     * What the clients saw.
     *
     * @param cpuSeconds of the server and the processes that it has started
     * @param micros latency of each exchange, sorted
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shared
    record Result(int exchanges, double seconds, double cpuSeconds, double[] micros) {

        /** Takes the first latencies of an array; there may have been more exchanges than it had room for. */
        static Result of(double[] micros, int exchanges, double seconds, double cpuSeconds) {
            double[] sorted = Arrays.copyOf(micros, Math.min(exchanges, micros.length));
            Arrays.sort(sorted);
            return new Result(exchanges, seconds, cpuSeconds, sorted);
        }

        double perSecond() {
            return exchanges / seconds;
        }

        double cpuMicros() {
            return cpuSeconds * 1e6 / exchanges;
        }

        double percentile(double share) {
            return micros[(int) Math.min(micros.length - 1L, Math.round(share * micros.length))];
        }
    }

    static final int MAX_SAMPLES = 4_000_000;

    private final Path socket;
    private final long pid;
    private final byte[] request;
    private final String expected;

    ClosedLoop(Path socket, long pid, String request, String expected) {
        this.socket = socket;
        this.pid = pid;
        this.request = (request + "\n").getBytes(StandardCharsets.UTF_8);
        this.expected = expected;
    }

    private static final class Client {
        final SocketChannel channel;
        ByteBuffer in = ByteBuffer.allocateDirect(64 << 10);
        long sent;

        Client(SocketChannel channel) {
            this.channel = channel;
        }
    }

    Result run(int connections, double warmSeconds, double seconds) throws IOException {
        List<Client> clients = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < connections; i++) {
                SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                channel.configureBlocking(false);
                Client client = new Client(channel);
                channel.register(selector, SelectionKey.OP_READ, client);
                clients.add(client);
            }
            for (Client client : clients) {
                send(client);
            }
            double[] samples = new double[MAX_SAMPLES];
            exchange(selector, warmSeconds, samples);
            double cpu = ProcessFigures.treeCpuSeconds(pid);
            long start = System.nanoTime();
            int count = exchange(selector, seconds, samples);
            double took = (System.nanoTime() - start) / 1e9;
            double used = ProcessFigures.treeCpuSeconds(pid) - cpu;
            return Result.of(samples, count, took, used);
        } finally {
            for (Client client : clients) {
                client.channel.close();
            }
        }
    }

    private int exchange(Selector selector, double seconds, double[] samples) throws IOException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        int count = 0;
        while (System.nanoTime() < end) {
            selector.select(1000);
            for (SelectionKey key : selector.selectedKeys()) {
                Client client = (Client) key.attachment();
                if (receive(client)) {
                    if (count < samples.length) {
                        samples[count] = (System.nanoTime() - client.sent) / 1e3;
                    }
                    count++;
                    send(client);
                }
            }
            selector.selectedKeys().clear();
        }
        return count;
    }

    private void send(Client client) throws IOException {
        client.sent = System.nanoTime();
        ByteBuffer out = ByteBuffer.wrap(request);
        while (out.hasRemaining()) {
            client.channel.write(out);
        }
    }

    /** Says whether a whole line is there; checks the answer and forgets it. */
    private boolean receive(Client client) throws IOException {
        if (client.channel.read(client.in) < 0) {
            throw new IOException("the server closed the connection");
        }
        int at = client.in.position();
        if (at == 0 || client.in.get(at - 1) != '\n') {
            if (!client.in.hasRemaining()) {
                client.in = ByteBuffer.allocateDirect(2 * at).put(client.in.flip());
            }
            return false;
        }
        client.in.flip();
        byte[] line = new byte[at];
        client.in.get(line);
        client.in.clear();
        if (!new String(line, StandardCharsets.UTF_8).contains(expected)) {
            throw new IOException("wrong answer: " + new String(line, StandardCharsets.UTF_8));
        }
        return true;
    }
}
