package org.circleosd.pluginmanager.nativeloader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class ElfFileTest {

    private static final Set<ErrorCode> LOAD_CODES = Set.of(ErrorCode.PLUGIN_INVALID, ErrorCode.INCOMPATIBLE);
    private static final String SOURCE = """
            int data_symbol = 1;
            static int hidden(void) { return 2; }
            __attribute__((visibility("hidden"))) int internal(void) { return 3; }
            void plugin_init(void);
            void plugin_init(void) { data_symbol += hidden() + internal(); }
            __attribute__((weak)) int weak_function(void) { return 4; }
            """;

    @TempDir
    private static Path folder;

    private static ElfMachine machine;
    private static byte[] library;

    @BeforeAll
    static void compile() throws Exception {
        machine = ElfMachine.ofThisMachine()
                .orElseThrow(() -> new AssertionError("these tests need a system with ELF files: run them on Linux"));
        library = Files.readAllBytes(CLibrary.compile(folder, "sample", SOURCE));
    }

    @Test
    void library_namesTheFunctionsThatItExports() {
        assertThat(read(library))
                .contains("plugin_init", "weak_function")
                .doesNotContain("data_symbol", "hidden", "internal");
    }

    @Test
    void libraryWithOldHashTable_isReadAlike() throws Exception {
        byte[] old = Files.readAllBytes(CLibrary.compile(folder, "sysv", SOURCE, "-Wl,--hash-style=sysv"));
        assertThat(read(old)).contains("plugin_init", "weak_function");
    }

    @Test
    void libraryThatExportsNothing_isRead() throws Exception {
        byte[] empty =
                Files.readAllBytes(CLibrary.compile(folder, "nothing", "static int x; extern int y;", "-nostdlib"));
        assertThat(read(empty)).isEmpty();
    }

    static Stream<Arguments> strangers() {
        return Stream.of(
                Arguments.of(new byte[0], ErrorCode.PLUGIN_INVALID, "x.so: empty file"),
                Arguments.of(text("hello, world\n"), ErrorCode.PLUGIN_INVALID, "x.so: a text file"),
                Arguments.of(text("a"), ErrorCode.PLUGIN_INVALID, "x.so: a text file"),
                Arguments.of(new byte[] {1, 2, 3, 4, 5}, ErrorCode.PLUGIN_INVALID, "does not start as an ELF file"),
                Arguments.of(
                        new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, ErrorCode.PLUGIN_INVALID, "plugin_type is wasm"),
                Arguments.of(bytes(0xcf, 0xfa, 0xed, 0xfe, 7), ErrorCode.INCOMPATIBLE, "a macOS library"),
                Arguments.of(bytes('M', 'Z', 0x90, 0), ErrorCode.INCOMPATIBLE, "a Windows library"),
                Arguments.of(bytes(0x7f, 'E', 'L', 'F', 2, 1), ErrorCode.PLUGIN_INVALID, "truncated: 6 bytes"));
    }

    @ParameterizedTest
    @MethodSource("strangers")
    void fileOfAnotherKind_isNamed(byte[] content, ErrorCode code, String message) {
        assertRefused(content, code, message);
    }

    @Test
    void otherMachine_isNamed() {
        int other = machine.code() == 183 ? 62 : 183;
        assertRefused(
                patched(18, other, other >> 8),
                ErrorCode.INCOMPATIBLE,
                "made for " + ElfMachine.nameOf(other) + "; this machine is " + machine.name());
    }

    @Test
    void unknownMachine_isNamedByNumber() {
        assertRefused(patched(18, 0x34, 0x12), ErrorCode.INCOMPATIBLE, "made for machine 4660");
    }

    @Test
    void library32Bit_isIncompatible() {
        assertRefused(patched(4, 1), ErrorCode.INCOMPATIBLE, "a 32-bit library");
    }

    @Test
    void libraryOfOtherByteOrder_isIncompatible() {
        assertRefused(patched(5, 2), ErrorCode.INCOMPATIBLE, "a big-endian library; this machine is little-endian");
    }

    @Test
    void fixedExecutable_isNamed() {
        assertRefused(patched(16, 2, 0), ErrorCode.PLUGIN_INVALID, "an executable, not a shared library");
    }

    @Test
    void movableExecutable_isNamed() throws Exception {
        Path source = Files.writeString(folder.resolve("main.c"), "int main(void) { return 0; }");
        Path program = folder.resolve("main");
        CLibrary.run(List.of("cc", "-fPIE", "-pie", "-o", program.toString(), source.toString()));
        assertRefused(Files.readAllBytes(program), ErrorCode.PLUGIN_INVALID, "an executable, not a shared library");
    }

    @Test
    void objectFile_isNamed() throws Exception {
        Path object = folder.resolve("sample.o");
        CLibrary.run(List.of(
                "cc", "-c", "-o", object.toString(), folder.resolve("sample.c").toString()));
        assertRefused(Files.readAllBytes(object), ErrorCode.PLUGIN_INVALID, "an object file");
    }

    @Test
    void executableStack_isRefusedWithTheRemedy() throws Exception {
        byte[] stack = Files.readAllBytes(CLibrary.compile(folder, "stack", SOURCE, "-Wl,-z,execstack"));
        assertRefused(stack, ErrorCode.PLUGIN_INVALID, "-z noexecstack");
    }

    @Test
    void halfAFile_isTruncated() {
        assertRefused(
                Arrays.copyOf(library, library.length / 2),
                ErrorCode.PLUGIN_INVALID,
                "x.so: truncated or damaged: a segment");
    }

    @Test
    void everyTruncation_isRefusedOrHarmless() {
        Set<String> whole = read(library);
        int refused = 0;
        for (int length = 0; length < library.length; length++) {
            byte[] part = Arrays.copyOf(library, length);
            try {
                // What is missing is behind the last segment: the loader does not need it.
                assertThat(read(part)).isEqualTo(whole);
            } catch (PluginException e) {
                assertThat(LOAD_CODES).contains(e.code());
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(library.length / 2);
    }

    @Test
    void randomDamage_givesAnAnswerOrAPluginException() {
        Random random = new Random(20_26);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = library.clone();
            int changes = 1 + random.nextInt(4);
            for (int i = 0; i < changes; i++) {
                // Mostly where the structure is: the headers and the tables at the start.
                int at = random.nextInt(random.nextInt(4) == 0 ? damaged.length : Math.min(2048, damaged.length));
                damaged[at] = (byte) random.nextInt(256);
            }
            try {
                read(damaged);
            } catch (PluginException e) {
                assertThat(LOAD_CODES).contains(e.code());
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void hugeNumbersInEveryHeaderField_giveAnAnswerOrAPluginException() {
        long[] values = {-1, Long.MAX_VALUE, Long.MIN_VALUE, 0xffffffffL, 0x7fffffffL, 0x80000000L, library.length};
        for (int at = 0; at < Math.min(4096, library.length - Long.BYTES); at += 4) {
            for (long value : values) {
                byte[] damaged = library.clone();
                ByteBuffer.wrap(damaged).order(machine.order()).putLong(at, value);
                try {
                    read(damaged);
                } catch (PluginException e) {
                    assertThat(LOAD_CODES).contains(e.code());
                }
            }
        }
    }

    private static Set<String> read(byte[] content) {
        return new ElfFile("x.so", ByteBuffer.wrap(content), machine).exportedFunctions();
    }

    private static void assertRefused(byte[] content, ErrorCode code, String message) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> read(content))
                .withMessageContaining(message)
                .extracting(PluginException::code)
                .isEqualTo(code);
    }

    private static byte[] patched(int at, int... values) {
        byte[] changed = library.clone();
        System.arraycopy(bytes(values), 0, changed, at, values.length);
        return changed;
    }

    private static byte[] bytes(int... values) {
        byte[] result = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = (byte) values[i];
        }
        return result;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
