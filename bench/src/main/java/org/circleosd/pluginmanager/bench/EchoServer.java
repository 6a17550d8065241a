package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** The peer that shows the limit: a plain Java NIO server on one thread that sends back what it gets. */
public final class EchoServer {

    private EchoServer() {}

    /** Serves the socket path of the only argument until the process is ended. */
    public static void main(String[] args) throws IOException {
        try (Selector selector = Selector.open();
                ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(Path.of(args[0])), 1024);
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
            System.out.println("ready: " + args[0]);
            ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);
            while (true) {
                selector.select(key -> serve(key, selector, buffer));
            }
        }
    }

    private static void serve(SelectionKey key, Selector selector, ByteBuffer buffer) {
        try {
            if (key.isAcceptable()) {
                SocketChannel client = ((ServerSocketChannel) key.channel()).accept();
                client.configureBlocking(false);
                client.register(selector, SelectionKey.OP_READ);
                return;
            }
            SocketChannel client = (SocketChannel) key.channel();
            buffer.clear();
            if (client.read(buffer) < 0) {
                client.close();
                return;
            }
            buffer.flip();
            while (buffer.hasRemaining()) {
                client.write(buffer);
            }
        } catch (IOException e) {
            key.cancel();
            System.err.println("echo: " + e);
        }
    }
}
