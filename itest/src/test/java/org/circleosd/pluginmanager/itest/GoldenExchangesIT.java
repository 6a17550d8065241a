package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each exchange of {@code src/test/resources/golden} happens byte for byte. */
@Timeout(180)
class GoldenExchangesIT {

    private static final Path GOLDEN = Daemon.PROJECT.resolve("itest/src/test/resources/golden");

    @TempDir
    private static Path dir;

    private static Daemon daemon;
    private static Map<String, String> values;

    @BeforeAll
    static void start() throws IOException {
        Path nativeFolder = Files.createDirectory(dir.resolve("native"));
        Path work = Files.createDirectory(dir.resolve("work"));
        TestPlugins.kit(nativeFolder);
        Commands.run(new ProcessBuilder("mkfifo", work.resolve("fifo.wasm").toString()));
        daemon = Home.in(Files.createDirectory(dir.resolve("home"))).start();
        values = Map.of(
                "examples", Daemon.DISTRIBUTION.resolve("plugins").toString(),
                "sandbox", TestPlugins.sandbox("").toString(),
                "files", GOLDEN.resolve("files").toString(),
                "native", nativeFolder.toString(),
                "work", work.toString());
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    static Stream<String> themes() throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".txt"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("themes")
    void writtenExchange_happensByteForByte(String theme) throws IOException {
        Exchanges exchanges = Exchanges.parse(Files.readAllLines(GOLDEN.resolve(theme)));
        try (Client client = daemon.connect()) {
            exchanges.replay(client, values);
            assertThat(client.ask(Daemon.LIST))
                    .as("what %s leaves behind", theme)
                    .endsWith("\"data\":[]}");
        }
    }
}
