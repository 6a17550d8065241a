package org.circleosd.pluginmanager.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.circleosd.pluginmanager.socket.TestServer.Echo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SocketServerTest {

    @TempDir
    Path directory;

    @Test
    void request_isAnsweredAndTheConnectionStays() throws Exception {
        try (TestServer server = TestServer.start(directory.resolve("s"), new Echo());
                Client client = server.connect()) {
            assertThat(client.send("one\n").line()).isEqualTo("one");
            assertThat(client.send("two\r\n").line()).isEqualTo("two");
        }
    }

    @Test
    void listeningWithAHandler_isToldByACondition() {
        try (TestServer server = TestServer.start(directory.resolve("s"))) {
            assertThat(server.conditions).isEmpty();
            server.server.bindHandler(new Echo());
            assertThat(server.conditions.get(SocketServer.LISTENING))
                    .isEqualTo(Map.of("osgi.condition.id", SocketServer.LISTENING, "path", server.path.toString()));
            server.stop();
            assertThat(server.conditions).isEmpty();
            assertThat(server.path).doesNotExist();
        }
    }

    @Test
    void unusablePath_isToldByACondition() throws Exception {
        Path file = Files.writeString(directory.resolve("s"), "precious");
        try (TestServer server = TestServer.start(file, new Echo())) {
            assertThat(server.conditions).containsOnlyKeys(SocketServer.FAILED);
            assertThat(server.failure()).contains(file.toString()).contains("not a socket");
        }
        assertThat(file).hasContent("precious");
    }
}
