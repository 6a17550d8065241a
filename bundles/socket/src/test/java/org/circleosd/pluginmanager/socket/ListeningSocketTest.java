package org.circleosd.pluginmanager.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ListeningSocketTest {

    @TempDir
    Path directory;

    @Test
    void modeIsRight_fromTheMomentTheNameAppears() throws Exception {
        Path path = directory.resolve("s.sock");
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch watching = new CountDownLatch(1);
        CompletableFuture<Set<Object>> watcher = CompletableFuture.supplyAsync(() -> modesOf(path, watching, done));
        assertThat(watching.await(30, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 50; i++) {
            open(path, "0600").close();
        }
        done.set(true);
        assertThat(watcher.get(30, TimeUnit.SECONDS)).isSubsetOf("rw-------");
        assertThat(entries()).containsExactly("s.sock.lock");
    }

    @ParameterizedTest
    @CsvSource({"0600,rw-------", "660,rw-rw----", "0666,rw-rw-rw-"})
    void mode_isTheConfigured(String mode, String permissions) throws Exception {
        ListeningSocket socket = open(directory.resolve("s"), mode);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.file())))
                .isEqualTo(permissions);
        socket.close();
    }

    @Test
    void staleSocket_isReplaced() throws Exception {
        Path path = directory.resolve("s");
        try (ServerSocketChannel crashed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            crashed.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
        ListeningSocket socket = open(path, "0600");
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            assertThat(client.isConnected()).isTrue();
        }
        socket.close();
        assertThat(path).doesNotExist();
    }

    @Test
    void liveSocket_isRefusedAndGoesOn() throws Exception {
        Path path = directory.resolve("s");
        try (ServerSocketChannel live = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            live.bind(UnixDomainSocketAddress.of(path));
            assertRefused(path, "another process listens");
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                assertThat(live.accept()).isNotNull();
                assertThat(client.isConnected()).isTrue();
            }
        }
        assertThat(entries()).containsExactlyInAnyOrder("s", "s.lock");
    }

    @Test
    void liveSocketWithAFullBacklog_isRefusedWithoutWaiting() throws Exception {
        Path path = directory.resolve("s");
        try (ServerSocketChannel live = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                SocketChannel first = SocketChannel.open(StandardProtocolFamily.UNIX);
                SocketChannel second = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            live.bind(UnixDomainSocketAddress.of(path), 1);
            first.connect(UnixDomainSocketAddress.of(path));
            second.connect(UnixDomainSocketAddress.of(path));
            assertRefused(path, "another process listens");
        }
    }

    @Test
    void ownLiveSocket_isRefused() throws Exception {
        Path path = directory.resolve("s");
        ListeningSocket first = open(path, "0600");
        assertRefused(path, "this process itself");
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            assertThat(client.isConnected()).isTrue();
        }
        first.close();
    }

    @Test
    void regularFile_isLeftAlone() throws Exception {
        Path file = Files.writeString(directory.resolve("s"), "precious");
        assertRefused(file, "not a socket");
        assertThat(file).hasContent("precious");
    }

    @Test
    void symbolicLink_isLeftAlone() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("s"), directory.resolve("nowhere"));
        assertRefused(link, "not a socket");
        assertThat(link).isSymbolicLink();
    }

    @Test
    void linkInPlaceOfTheLock_isNotFollowed() throws Exception {
        Path target = directory.resolve("target");
        Files.createSymbolicLink(directory.resolve("s.lock"), target);
        assertRefused(directory.resolve("s"), "s.lock");
        assertThat(target).doesNotExist();
    }

    @Test
    void missingDirectory_isMadePrivate() throws Exception {
        ListeningSocket socket = open(directory.resolve("a/b/s"), "0600");
        for (String made : new String[] {"a", "a/b"}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(made))))
                    .isEqualTo("rwx------");
        }
        socket.close();
    }

    @Test
    void directoryThatEveryoneCanWrite_isRefusedUnlessSticky() throws Exception {
        Path open = Files.createDirectory(directory.resolve("open"));
        Path inside = Files.createDirectory(open.resolve("inside"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertRefused(inside.resolve("s"), open.toString());
        assertThat(entriesOf(inside)).isEmpty();
        Files.setAttribute(open, "unix:mode", 01777);
        open(inside.resolve("s"), "0600").close();
    }

    @ParameterizedTest
    @CsvSource({"103,true", "104,false"})
    void path_isAtMost103Bytes(int length, boolean possible) throws Exception {
        // Chosen so that it fits exactly: the umlaut counts two bytes.
        Path path = directory.resolve("ü".repeat((length - directory.toString().length() - 1) / 2)
                + "x".repeat((length - directory.toString().length() - 1) % 2));
        if (possible) {
            ListeningSocket socket = open(path, "0600");
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                assertThat(client.isConnected()).isTrue();
            }
            socket.close();
        } else {
            assertRefused(path, "has 104 bytes, at most 103");
        }
    }

    @ParameterizedTest
    @CsvSource({"0888", "600x", "'rw-------'", "07777", "''"})
    void badMode_isRefusedWithTheRule(String mode) {
        assertThatExceptionOfType(CannotListenException.class)
                .isThrownBy(() -> SocketMode.parse(mode))
                .withMessageContaining("octal");
    }

    @Test
    void unknownGroup_isRefusedWithTheName() throws Exception {
        assertThatExceptionOfType(CannotListenException.class)
                .isThrownBy(() -> ListeningSocket.open(
                        directory.resolve("s").toString(), SocketMode.parse("0660"), "no-such-group", 10, null))
                .withMessageContaining("no-such-group");
        assertThat(entries()).containsExactly("s.lock");
    }

    @Test
    void nameThatAnotherTookOver_staysAtTheEnd() throws Exception {
        Path path = directory.resolve("s");
        ListeningSocket socket = open(path, "0600");
        Files.delete(path);
        Files.writeString(path, "another's");
        socket.close();
        assertThat(path).hasContent("another's");
    }

    @Test
    void socketThatWasLeft_goesOnWithThoseWhoWait() throws Exception {
        Path path = directory.resolve("s");
        ListeningSocket.Left left =
                ListeningSocket.Left.of(open(path, "0600").leave().parts());
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            ListeningSocket next = ListeningSocket.open(path.toString(), SocketMode.parse("0660"), "", 50, left);
            try (SocketChannel accepted = next.channel().accept()) {
                assertThat(accepted).isNotNull();
                assertThat(client.isConnected()).isTrue();
            }
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-rw----");
            next.close();
        }
        assertThat(entries()).containsExactly("s.lock");
    }

    @ParameterizedTest
    @CsvSource({"s,51", "other,50"})
    void socketThatWasLeftButDoesNotFit_isClosed(String name, int backlog) throws Exception {
        ListeningSocket.Left left = open(directory.resolve("s"), "0600").leave();
        Path path = directory.resolve(name);
        ListeningSocket next = ListeningSocket.open(path.toString(), SocketMode.parse("0600"), "", backlog, left);
        assertThat(left.channel().isOpen()).isFalse();
        SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
        next.close();
        assertThat(entries()).allMatch(entry -> entry.endsWith(".lock"));
    }

    @Test
    void socketThatWasLeftAndNotTaken_isGone() throws Exception {
        open(directory.resolve("s"), "0600").leave().close();
        assertThat(entries()).containsExactly("s.lock");
    }

    @Test
    void fileInPlaceOfTheDirectory_isToldWithItsPath() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "precious");
        assertRefused(file.resolve("s"), file + " is not a directory");
    }

    private ListeningSocket open(Path path, String mode) throws CannotListenException {
        return ListeningSocket.open(path.toString(), SocketMode.parse(mode), "", 50, null);
    }

    private void assertRefused(Path path, String reason) {
        assertThatExceptionOfType(CannotListenException.class)
                .isThrownBy(() -> open(path, "0600"))
                .withMessageContaining(reason)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    private Set<String> entries() throws Exception {
        return entriesOf(directory);
    }

    private static Set<String> entriesOf(Path directory) throws Exception {
        Set<String> names = new HashSet<>();
        try (Stream<Path> list = Files.list(directory)) {
            list.forEach(path -> names.add(path.getFileName().toString()));
        }
        return names;
    }

    private static Set<Object> modesOf(Path path, CountDownLatch watching, AtomicBoolean done) {
        Set<Object> modes = new HashSet<>();
        while (!done.get()) {
            try {
                modes.add(
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS)));
            } catch (NoSuchFileException e) {
                // Not there at the moment.
            } catch (java.io.IOException e) {
                modes.add(e);
            }
            watching.countDown();
        }
        return modes;
    }
}
