package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.engine.chicory.store.CodeStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Code that is kept over restarts: found when it is good, made anew when it is not. */
@Timeout(180)
class StoredCodeTest {

    private static final int FUNCTIONS = 200;
    private static final long ENOUGH = 64 << 20;

    @TempDir
    private Path state;

    private Path folder;
    private Path key;
    private final byte[] wasm = ManyFunctions.module(FUNCTIONS);
    private final AtomicInteger compilations = new AtomicInteger();

    @BeforeEach
    void name() {
        folder = state.resolve("aot");
        key = state.resolve("aot.key");
    }

    /** An engine as it is after a restart: nothing but the folder connects it with those before. */
    private ChicoryEngine engine() {
        return engine(ENOUGH, ChicoryEngine.environment());
    }

    private ChicoryEngine engine(long maxBytes, String environment) {
        return new ChicoryEngine(CodeStore.open(folder, key, maxBytes, environment), (bytes, progress) -> {
            compilations.incrementAndGet();
            return ModuleCompiler.compile(bytes, progress);
        });
    }

    private static long run(ChicoryEngine engine, byte[] wasm) {
        try (WasmModule module = engine.compile(wasm);
                WasmInstance instance = module.instantiate(List.of(), Modules.MEBIBYTE)) {
            return call(instance, "run", 5);
        }
    }

    private List<Path> entries() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void secondStart_doesNotCompile() {
        assertThat(run(engine(), wasm)).isEqualTo(FUNCTIONS + 5);
        assertThat(run(engine(), wasm)).isEqualTo(FUNCTIONS + 5);

        assertThat(compilations).hasValue(1);
    }

    @Test
    void foldersAndFiles_areTheirOwnersOnly() throws IOException {
        run(engine(), wasm);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        for (Path file : Stream.concat(Stream.of(key), entries().stream()).toList()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .as(file.toString())
                    .isEqualTo("rw-------");
        }
        assertThat(entries()).hasSize(1);
    }

    @Test
    void storedModule_reportsAllAtOnce() {
        List<Integer> first = new ArrayList<>();
        List<Integer> second = new ArrayList<>();

        engine().compile(wasm, Sha256.of(wasm), recording(first));
        engine().compile(wasm, Sha256.of(wasm), recording(second));

        assertThat(first).containsExactly(0, 64, 128, 192, 200);
        assertThat(second).containsExactly(200);
    }

    private static CompileProgress recording(List<Integer> into) {
        return (compiled, of) -> {
            assertThat(of).isEqualTo(FUNCTIONS);
            into.add(compiled);
        };
    }

    @Test
    void damagedAnywhere_isMadeAnewAndAnswersTheSame() throws IOException {
        byte[] wasm = ManyFunctions.module(2);
        run(engine(), wasm);
        Path entry = entries().get(0);
        byte[] good = Files.readAllBytes(entry);
        int step = good.length / 100;
        int damaged = 0;
        for (int at = 0; at < good.length; at += at < 60 ? 1 : step) {
            byte[] bad = good.clone();
            bad[at] ^= (byte) (1 << (at % 8));
            Files.write(entry, bad);

            assertThat(run(engine(), wasm)).as("byte %d", at).isEqualTo(7);
            damaged++;
            assertThat(compilations).as("byte %d", at).hasValue(1 + damaged);
        }
        assertThat(Files.readAllBytes(entry)).as("what was made anew").isEqualTo(good);
    }

    @Test
    void truncatedOrExtended_isMadeAnew() throws IOException {
        run(engine(), wasm);
        Path entry = entries().get(0);
        byte[] good = Files.readAllBytes(entry);
        int made = 1;
        for (int length : new int[] {0, 1, 8, 43, 44, 45, 500, good.length / 2, good.length - 1, good.length + 1}) {
            Files.write(entry, Arrays.copyOf(good, length));

            assertThat(run(engine(), wasm)).isEqualTo(FUNCTIONS + 5);
            assertThat(compilations).as("length %d", length).hasValue(++made);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void damagedWhileInUse_failsTheCallAndIsMadeAnewAtTheNextLoad(boolean cutOff) throws IOException {
        ChicoryEngine engine = engine();
        WasmModule module = engine.compile(wasm);
        Path entry = entries().get(0);
        byte[] bytes = Files.readAllBytes(entry);
        try (FileChannel channel = FileChannel.open(entry, StandardOpenOption.WRITE)) {
            if (cutOff) {
                channel.truncate(100);
            } else {
                channel.write(ByteBuffer.allocate(bytes.length / 2), bytes.length / 2);
            }
        }

        WasmInstance instance = module.instantiate(List.of(), Modules.MEBIBYTE);
        assertThat(failure(ErrorCode.INTERNAL, () -> call(instance, "run", 5)))
                .hasMessageContaining("reload the plugin");

        assertThat(run(engine, wasm)).isEqualTo(FUNCTIONS + 5);
        assertThat(compilations).hasValue(2);
    }

    @Test
    void entryOfAnotherModule_isNotUsed() throws IOException {
        byte[] other = ManyFunctions.module(7);
        run(engine(), wasm);
        Path entry = entries().get(0);
        byte[] foreign = Files.readAllBytes(entry);
        Files.delete(entry);
        run(engine(), other);
        Files.write(entries().get(0), foreign);

        assertThat(run(engine(), other)).isEqualTo(12);
    }

    @Test
    void entryWrittenWithAnotherKey_isNotUsed() throws IOException {
        run(engine(), wasm);
        Files.delete(key);

        assertThat(run(engine(), wasm)).isEqualTo(FUNCTIONS + 5);

        assertThat(compilations).hasValue(2);
        run(engine(), wasm);
        assertThat(compilations).hasValue(2);
    }

    @Test
    void keyThatOthersCouldRead_isReplaced() throws IOException {
        run(engine(), wasm);
        byte[] before = Files.readAllBytes(key);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

        run(engine(), wasm);

        assertThat(Files.readAllBytes(key)).hasSameSizeAs(before).isNotEqualTo(before);
        assertThat(compilations).hasValue(2);
    }

    @Test
    void twoEnginesOnOneFolder_keepTheirOwnAndShareTheKey() {
        ChicoryEngine one = engine(ENOUGH, "one");
        ChicoryEngine two = engine(ENOUGH, "two");

        run(one, wasm);
        run(two, wasm);

        assertThat(entries()).hasSize(2);
        run(engine(ENOUGH, "one"), wasm);
        run(engine(ENOUGH, "two"), wasm);
        assertThat(compilations).hasValue(2);
    }

    @Test
    void fullStore_forgetsWhatWasUsedLongestAgo() throws IOException {
        byte[] first = ManyFunctions.module(10);
        byte[] second = ManyFunctions.module(11);
        byte[] third = ManyFunctions.module(12);
        run(engine(), first);
        run(engine(), second);
        long room = entries().stream().mapToLong(StoredCodeTest::size).sum() + 1000;
        for (Path entry : entries()) {
            Files.setLastModifiedTime(entry, FileTime.from(Instant.now().minusSeconds(60)));
        }
        run(engine(room, ChicoryEngine.environment()), first); // used again

        run(engine(room, ChicoryEngine.environment()), third);

        assertThat(entries()).hasSize(2);
        compilations.set(0);
        run(engine(), first);
        run(engine(), third);
        assertThat(compilations).hasValue(0);
        run(engine(), second);
        assertThat(compilations).hasValue(1);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void entryLargerThanTheStore_costsOnlyTheStore() {
        assertThat(run(engine(100, ChicoryEngine.environment()), wasm)).isEqualTo(FUNCTIONS + 5);

        assertThat(entries()).isEmpty();
    }

    @Test
    void folderThatCannotBeMade_costsOnlyTheStore() throws IOException {
        Files.writeString(folder, "a file where the folder should be");

        assertThat(run(engine(), wasm)).isEqualTo(FUNCTIONS + 5);
    }

    @Test
    void folderThatVanishes_costsOnlyTheStore() throws IOException {
        ChicoryEngine engine = engine();
        Files.delete(folder);

        assertThat(run(engine, wasm)).isEqualTo(FUNCTIONS + 5);
    }

    @Test
    void folderWithoutWritePermission_isStillRead() throws IOException {
        run(engine(), wasm);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-x------"));
        try {
            assertThat(run(engine(), wasm)).isEqualTo(FUNCTIONS + 5);
            assertThat(compilations).hasValue(1);
            assertThat(run(engine(), ManyFunctions.module(3))).isEqualTo(8);
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void entryThatIsAFolderOrALink_isNotFollowed() throws IOException {
        run(engine(), wasm);
        Path entry = entries().get(0);
        Path moved = Files.move(entry, state.resolve("elsewhere"));
        Files.createSymbolicLink(entry, moved);

        assertThat(run(engine(), wasm)).isEqualTo(FUNCTIONS + 5);
        assertThat(compilations).hasValue(2);
    }

    @Test
    void refusedModule_isRefusedAgainWithoutCompiling() {
        // A function of type () -> (i32) whose body is empty.
        byte[] invalid = HexFormat.of().parseHex("0061736d01000000" + "0105016000017f" + "03020100" + "0a040102000b");

        String first = failure(ErrorCode.PLUGIN_INVALID, () -> engine().compile(invalid))
                .getMessage();
        String second = failure(ErrorCode.PLUGIN_INVALID, () -> engine().compile(invalid))
                .getMessage();

        assertThat(second).isEqualTo(first);
        assertThat(compilations).hasValue(1);
    }

    @Test
    void functionTooLargeToCompile_isInterpretedFromTheStoreToo() {
        byte[] large = InterpretedFunctionTest.largeModule();
        ChicoryEngine[] starts = {engine(), engine()};
        for (ChicoryEngine start : starts) {
            try (WasmModule module = start.compile(large);
                    WasmInstance instance = module.instantiate(
                            List.of(InterpretedFunctionTest.last((memory, args) -> args[0] + 2)), Modules.MEBIBYTE)) {
                assertThat(module.compiledCount()).isEqualTo(1);
                assertThat(module.functionCount()).isEqualTo(2);
                assertThat(call(instance, "large", 5)).isEqualTo(40_007);
            }
        }
        assertThat(compilations).hasValue(1);
    }

    @Test
    void noStore_works() {
        assertThat(run(new ChicoryEngine(Optional.empty(), ModuleCompiler::compile), wasm))
                .isEqualTo(FUNCTIONS + 5);
    }
}
