package org.circleosd.pluginmanager.launcher;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Speaks the daemon's side of the frames with one client after the other, and keeps what they said. */
final class FakeShellDaemon implements AutoCloseable {

    /** Answers one frame. */
    interface Behaviour {
        void answer(String command, Reply reply) throws IOException;
    }

    /** Where answers go. */
    record Reply(DataOutputStream out) {

        Reply send(char type, String text) throws IOException {
            return send(type, text.getBytes(StandardCharsets.UTF_8));
        }

        Reply send(char type, byte[] payload) throws IOException {
            out.writeByte(type);
            out.writeInt(payload.length);
            out.write(payload);
            return this;
        }

        void status(int status, boolean goesOn) throws IOException {
            send('S', new byte[] {(byte) status, (byte) (goesOn ? 1 : 0)});
        }
    }

    /** Type and text of the frames that came. */
    final List<String> received = new CopyOnWriteArrayList<>();

    private final ServerSocketChannel server;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private volatile Behaviour behaviour;
    private final Queue<Behaviour> next = new ConcurrentLinkedQueue<>();

    FakeShellDaemon(Path socket, Behaviour behaviour) throws IOException {
        this.behaviour = behaviour;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        thread.submit(() -> {
            while (true) {
                try (SocketChannel client = server.accept()) {
                    serve(client);
                } catch (EOFException e) {
                    received.add("end");
                    this.behaviour = next.isEmpty() ? this.behaviour : next.remove();
                }
            }
        });
    }

    /** Behaves so for the next client. */
    void then(Behaviour another) {
        next.add(another);
    }

    // The channel's streams share a lock, which is fine here: nothing is read while something is written.
    private void serve(SocketChannel client) throws IOException {
        DataInputStream in = new DataInputStream(Channels.newInputStream(client));
        Reply reply = new Reply(new DataOutputStream(Channels.newOutputStream(client)));
        while (true) {
            char type = (char) in.readUnsignedByte();
            String text = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
            received.add(type + text);
            if (type == 'C') {
                behaviour.answer(text, reply);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        thread.shutdownNow();
    }
}
