package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents show happens: each exchange, each command. CONTRIBUTING.md says how to write them. */
@Timeout(240)
class DocumentsIT {

    /** A request, a reply or a command at the start of a line. */
    private static final Pattern EXAMPLE =
            Pattern.compile("(\\d+: )?\\s*((> |< )?\\{\\s*\"(action|ok)\"|\\$ |\\./plugin-manager|printf .*nc -).*");

    private static final Set<String> RUN = Set.of("json-lines", "sh", "console");

    @TempDir
    private Path dir;

    static Stream<String> documents() throws IOException {
        try (Stream<Path> docs = Files.list(Daemon.PROJECT.resolve("docs"))) {
            List<String> names = docs.map(file -> "docs/" + file.getFileName())
                    .filter(name -> name.endsWith(".md"))
                    .sorted()
                    .toList();
            return Stream.concat(
                    Stream.of("README.md", "SECURITY.md").filter(name -> Files.exists(Daemon.PROJECT.resolve(name))),
                    names.stream());
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyExample_stands_whereItIsTried(String name) throws IOException {
        Document document = Document.read(Daemon.PROJECT.resolve(name));
        assertThat(document.text())
                .as("lines of %s that belong into a block of json-lines, sh or console", name)
                .noneMatch(line -> EXAMPLE.matcher(line).matches());
        for (Document.Block block : document.blocks()) {
            if (!RUN.contains(block.language())) {
                assertThat(block.lines())
                        .as("lines of %s that belong into a block of json-lines, sh or console", block.place())
                        .noneMatch(line -> EXAMPLE.matcher(line).matches());
            }
            if (block.language().equals("json")) {
                assertThat(Client.json(block.content()).isMissingNode())
                        .as(block.place())
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyExample_happensAsWritten(String name) throws IOException {
        Document document = Document.read(Daemon.PROJECT.resolve(name));
        if (!document.hasExamples()) {
            return;
        }
        try (Workplace workplace = Workplace.in(dir)) {
            for (Document.Block block : document.blocks()) {
                attempt(workplace, block);
            }
        }
    }

    private static void attempt(Workplace workplace, Document.Block block) throws IOException {
        try {
            if (!block.fileName().isEmpty()) {
                workplace.write(block.fileName(), block.content());
            } else if (block.isRun()) {
                switch (block.language()) {
                    case "json-lines" -> workplace.replay(block.lines());
                    case "sh" -> workplace.run(block.content());
                    case "console" -> workplace.play(block.lines());
                    default -> {}
                }
            }
        } catch (AssertionError e) {
            throw new AssertionError(block.place() + ": " + e.getMessage(), e);
        }
    }
}
