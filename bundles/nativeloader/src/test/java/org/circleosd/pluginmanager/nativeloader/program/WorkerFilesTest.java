package org.circleosd.pluginmanager.nativeloader.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.BufferedInputStream;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class WorkerFilesTest {

    @TempDir
    private Path folder;

    /** The tests are built with a C compiler, so that there is a C worker. */
    @ParameterizedTest
    @CsvSource({"auto, c", "c, c", "jvm, jvm"})
    void program_runsAndSaysItsKind(String choice, String kind) throws Exception {
        try (WorkerFiles files = WorkerFiles.prepare(folder, choice)) {
            assertThat(files.kind()).isEqualTo(kind);
            assertThat(firstWordOf(files)).isEqualTo(kind);
        }
    }

    @Test
    void otherChoice_isRefusedWithTheOnesThereAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WorkerFiles.prepare(folder, "rust"))
                .withMessage("worker = rust: expected 'auto', 'c' or 'jvm'");
    }

    @Test
    void archive_isMadeOnceAndUsedByTheNextDaemonToo() throws Exception {
        Path archive;
        try (WorkerFiles files = WorkerFiles.prepare(folder, "jvm")) {
            files.awaitArchive();
            archive = onlyArchive();
            assertThat(files.command()).contains("-XX:SharedArchiveFile=" + archive);
            assertThat(firstWordOf(files)).isEqualTo("jvm");
        }
        try (WorkerFiles next = WorkerFiles.prepare(folder, "jvm")) {
            assertThat(next.command()).contains("-XX:SharedArchiveFile=" + archive);
            assertThat(onlyArchive()).isEqualTo(archive);
        }
    }

    @Test
    void damagedArchive_isMadeAnew() throws Exception {
        try (WorkerFiles files = WorkerFiles.prepare(folder, "jvm")) {
            files.awaitArchive();
        }
        Path archive = onlyArchive();
        byte[] bytes = Files.readAllBytes(archive);
        bytes[bytes.length / 2] ^= 1;
        Files.delete(archive);
        Files.write(archive, bytes);
        try (WorkerFiles files = WorkerFiles.prepare(folder, "jvm")) {
            files.awaitArchive();
            assertThat(Files.readAllBytes(onlyArchive())).isNotEqualTo(bytes);
            assertThat(firstWordOf(files)).isEqualTo("jvm");
        }
    }

    private Path onlyArchive() throws Exception {
        try (Stream<Path> tree = Files.walk(folder)) {
            List<Path> archives =
                    tree.filter(file -> file.toString().endsWith(".jsa")).toList();
            assertThat(archives).hasSize(1);
            return archives.get(0);
        }
    }

    private String firstWordOf(WorkerFiles files) throws Exception {
        Path log = folder.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(files.command()).redirectError(Redirect.to(log.toFile()));
        builder.environment().clear();
        builder.environment().putAll(files.environment());
        Process process = builder.start();
        try (InputStream replies = new BufferedInputStream(process.getInputStream())) {
            Frame ready = Frame.read(replies, 1000);
            assertThat(ready.kind()).isEqualTo(FrameKind.READY);
            assertThat(ready.body().u32()).isEqualTo(FrameKind.PROTOCOL_VERSION);
            assertThat(ready.body().u32()).isEqualTo((int) process.pid());
            process.getOutputStream().close();
            assertThat(process.waitFor()).isZero();
            assertThat(log).isEmptyFile();
            return ready.body().text();
        } finally {
            process.destroyForcibly();
        }
    }
}
