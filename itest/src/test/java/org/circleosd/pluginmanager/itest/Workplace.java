package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder that looks to a reader's commands like a clone of the project, with a daemon that runs beside it. What a
 * document says of the default socket means this daemon's.
 */
final class Workplace implements AutoCloseable {

    private static final String DEFAULT_SOCKET = "/tmp/plugin-manager.sock";
    private static final String START = "./plugin-manager";

    private final Path folder;
    private final Daemon daemon;

    private Workplace(Path folder, Daemon daemon) {
        this.folder = folder;
        this.daemon = daemon;
    }

    static Workplace in(Path dir) throws IOException {
        Home home = Home.withExamples(Files.createDirectories(dir.resolve("home")));
        Path folder = Files.createDirectory(dir.resolve("clone"));
        Home.copyFolder(Daemon.PROJECT.resolve("plugins"), folder.resolve("plugins"));
        Path script = folder.resolve("plugin-manager");
        Files.writeString(script, "#!/bin/sh\nexec " + Daemon.DISTRIBUTION + "/bin/plugin-manager \"$@\"\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Path distribution = Files.createDirectories(folder.resolve("launcher/target/plugin-manager"));
        for (String part : List.of("plugins", "bundles", "config")) {
            Files.createSymbolicLink(distribution.resolve(part), home.dir().resolve(part));
        }
        return new Workplace(folder, home.start(home.daemonCommand().directory(folder.toFile())));
    }

    /** Replays written exchanges over a connection of their own. */
    void replay(List<String> lines) throws IOException {
        try (Client client = daemon.connect()) {
            Exchanges.parse(lines)
                    .replay(
                            client,
                            Map.of(
                                    "work", folder.toString(),
                                    "project", Daemon.PROJECT.toString(),
                                    "plugins", daemon.home().plugins().toString()));
        }
    }

    void write(String name, String content) throws IOException {
        Path file = folder.resolve(name).normalize();
        assertThat(file.startsWith(folder)).as("%s lies in the folder", name).isTrue();
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    /** Runs a block of commands; all of them must succeed. */
    void run(String script) throws IOException {
        Commands.Result result = shell(script);
        assertThat(result.status()).as("%s: %s", script, result.text()).isZero();
    }

    /**
     * Runs the commands of a terminal's picture: those behind {@code "$ "}. The lines under each are its output, where
     * {@code ...} stands for any text. The command that starts the daemon has done so already.
     */
    void play(List<String> lines) throws IOException {
        assertThat(lines).first().asString().startsWith("$ ");
        List<String> expected = new ArrayList<>();
        String command = "";
        for (String line : lines) {
            if (line.startsWith("$ ")) {
                compare(command, expected);
                command = line.substring(2);
                expected.clear();
            } else {
                expected.add(line);
            }
        }
        compare(command, expected);
    }

    private void compare(String command, List<String> expected) throws IOException {
        if (command.isEmpty()) {
            return;
        }
        if (command.equals(START)) {
            assertThat(numbersAway(daemon.ready())).isEqualTo(numbersAway(here(expected.get(expected.size() - 1))));
            return;
        }
        Commands.Result result = shell(command);
        String pattern = expected.stream()
                .map(this::here)
                .map(line -> Stream.of(line.split("\\.\\.\\.", -1))
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*")))
                .collect(Collectors.joining("\n"));
        assertThat((result.out() + result.err()).stripTrailing())
                .as("what %s prints", command)
                .matches(Pattern.compile(pattern, Pattern.DOTALL));
    }

    private Commands.Result shell(String script) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-eu", "-c", here(script)).directory(folder.toFile());
        builder.environment()
                .putAll(Map.of(
                        "PROJECT", Daemon.PROJECT.toString(),
                        "PLUGIN_MANAGER_SOCKET", daemon.home().socket().toString(),
                        "PLUGIN_MANAGER_STATE", daemon.home().state().toString()));
        return Commands.run(builder);
    }

    private String here(String text) {
        return text.replace(DEFAULT_SOCKET, daemon.home().socket().toString());
    }

    private static String numbersAway(String line) {
        return line.replaceAll("\\(pid \\d+, [\\d.]+ s\\)", "(pid, s)");
    }

    @Override
    public void close() {
        daemon.close();
    }
}
