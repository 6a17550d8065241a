package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The attacks of {@code HostileNativePluginIT} in a process where nothing stops them, on things that may break: they
 * work. One that did not would prove nothing when it fails in a worker.
 */
@ParameterizedClass
@MethodSource("runners")
@Timeout(60)
class UnconfinedAttackIT {

    private static final Pattern DONE = Pattern.compile(".*: DONE");
    private static final Pattern REFUSED = Pattern.compile(".*: E[A-Z]+");
    private static final Pattern EITHER = Pattern.compile(".*: (DONE|E[A-Z]+)");

    @TempDir
    private static Path dir;

    private static HostilePlugin plugin;
    private static Path strike;
    private static Path library;
    private static ServerSocket listener;
    private static int rows;

    @Parameter
    private Runner runner;

    private Path decoys;
    private Process victim;
    private ServerSocketChannel socket;

    static List<Runner> runners() {
        return Runner.possible().toList();
    }

    @BeforeAll
    static void compile() throws IOException {
        Runner.open(dir);
        plugin = HostilePlugin.in(dir.resolve("compiled"));
        strike = plugin.strike();
        library = plugin.library();
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @BeforeEach
    void prepare() throws IOException {
        decoys = Files.createDirectory(dir.resolve("decoys-" + rows++));
        for (String name : List.of("config", "bundle", "record", "image", "program")) {
            Files.writeString(decoys.resolve(name), "decoy");
        }
        Files.copy(library, decoys.resolve("hostile.so"));
        Path path = decoys.resolve("socket");
        socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        socket.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
        for (String name : List.of("state", "plugins", "configs", "tmp", "home")) {
            Files.createDirectory(decoys.resolve(name));
        }
        runner.own(decoys);
        victim = runner.command(new ProcessBuilder("sleep", "120")).start();
        // What changes the user is protected from that user until it has become the program.
        Poll.until(Duration.ofSeconds(20), "the victim sleeps", () -> Files.readString(
                        Path.of("/proc/" + victim.pid() + "/comm"))
                .equals("sleep\n"));
    }

    @AfterEach
    void clean() throws IOException {
        socket.close();
        victim.destroyForcibly();
        Commands.await(victim, "the victim did not end");
    }

    @AfterAll
    static void close() throws IOException {
        listener.close();
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/hostile/attacks.csv", delimiter = '|', emptyValue = "", useHeadersInDisplayName = true)
    void attack_worksForWhomTheSystemLetsDoIt(String attack, @Nullable String payload, String worksFor)
            throws IOException {
        boolean works = worksFor.equals("all") || worksFor.equals("root") && runner == Runner.ROOT;
        assertThat(strike(attack, Attack.payload(payload, targets())).out().lines())
                .isNotEmpty()
                .allSatisfy(
                        line -> assertThat(line).matches(worksFor.equals("kernel") ? EITHER : works ? DONE : REFUSED));
    }

    @ParameterizedTest
    @CsvSource({
        "forks, 600, 600 children",
        "threads, 3000, 3000 threads",
        "descriptors, 3000, 3000 descriptors",
        "take_private, 512, 512 MiB",
        "take_shared, 512, 512 MiB",
        "take_files, 512, 512 MiB",
        "take_heap, 512, 512 MiB",
        "take_tables, 512, 512 MiB",
        "written_code, '', mprotect: DONE",
        "leave_a_thread, '', left",
        "ignore_signals, '', ignored"
    })
    void greed_isServed(String attack, String payload, String part) throws IOException {
        assertThat(strike(attack, payload).out()).contains(part).doesNotContain(": E");
    }

    @ParameterizedTest
    @CsvSource({
        "segv, 139",
        "jump, 139",
        "stack, 139",
        "abort, 134",
        "double_free, 134",
        "trap, 132",
        "division, 136",
        "bus, 135",
        "kill_self, 137",
        "exit, 0",
        "_exit, 0"
    })
    void crash_endsTheProcess(String kind, int status) throws IOException {
        Commands.Result result = strike(kind, "");
        assertThat(result.status()).isEqualTo(status);
        assertThat(result.out()).isEmpty();
    }

    /** It is the kernel that signals here, for the owner of a pipe. */
    @Test
    void signalByPipe_kills() throws IOException {
        strike("signal_by_pipe", String.valueOf(victim.pid()));
        assertThat(Commands.await(victim, "the victim lives")).isEqualTo(137);
    }

    private Map<String, String> targets() {
        Map<String, String> targets = new HashMap<>();
        for (String name : List.of(
                "config", "bundle", "record", "image", "program", "socket", "state", "plugins", "configs", "tmp",
                "home")) {
            targets.put(name, decoys.resolve(name).toString());
        }
        targets.put("manager", String.valueOf(victim.pid()));
        targets.put("worker", String.valueOf(victim.pid()));
        targets.put("port", String.valueOf(listener.getLocalPort()));
        return targets;
    }

    private Commands.Result strike(String attack, String payload) throws IOException {
        return Commands.run(runner.command(new ProcessBuilder(
                        strike.toString(), decoys.resolve("hostile.so").toString(), attack, payload))
                .directory(decoys.toFile()));
    }
}
