package org.circleosd.pluginmanager.nativeloader.binary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ElfReaderTest {

    private static final String SOURCE = """
            int data_symbol = 1;
            static int hidden(void) { return 2; }
            __attribute__((visibility("hidden"))) int internal(void) { return 3; }
            void plugin_init(void);
            void plugin_init(void) { data_symbol += hidden() + internal(); }
            __attribute__((weak)) int weak_function(void) { return 4; }
            """;
    private static final LibraryMachine AARCH64 =
            new LibraryMachine(LibraryFormat.ELF, "aarch64", 183, ByteOrder.LITTLE_ENDIAN);

    @TempDir
    private static Path folder;

    private static Toolchain tools;
    private static LibraryMachine machine;
    private static byte[] library;

    @BeforeAll
    static void compile() throws Exception {
        machine = LibraryMachine.ofThisOne()
                .orElseThrow(() -> new AssertionError("these tests need a system with ELF files: run them on Linux"));
        tools = new Toolchain(folder);
        library = tools.library(SOURCE);
    }

    @Test
    void library_namesTheFunctionsThatItExports() {
        assertThat(exports(library))
                .contains("plugin_init", "weak_function")
                .doesNotContain("data_symbol", "hidden", "internal");
    }

    @Test
    void libraryWithOldHashTable_isReadAlike() throws Exception {
        assertThat(exports(tools.library(SOURCE, "-Wl,--hash-style=sysv"))).contains("plugin_init", "weak_function");
    }

    @Test
    void libraryThatExportsNothing_isRead() throws Exception {
        assertThat(exports(tools.library("static int x; extern int y;", "-nostdlib")))
                .isEmpty();
    }

    @Test
    void details_tellWhatTheLibraryMeansToDo() throws Exception {
        LibraryFile file = read(tools.library(
                """
                #include <math.h>
                #include <sys/socket.h>
                #include <unistd.h>
                double x;
                __attribute__((constructor)) static void first(void) { x = 1; }
                __attribute__((constructor)) static void second(void) { x = 2; }
                void plugin_init(void) { x = cos(x) + socket(1, 2, 3) + execve("", 0, 0) + getpid(); }
                """, "-Wl,--no-as-needed", "-lm", "-Wl,--enable-new-dtags,-rpath,$ORIGIN/lib", "-nostartfiles"));

        assertThat(file.details())
                .containsExactly(
                        entry("format", "ELF, " + machine.name()),
                        entry("needs", "libm.so.6, libc.so.6"),
                        entry("runpath", "$ORIGIN/lib"),
                        entry("constructors", "2"),
                        entry("imports of note", "execve, socket"),
                        entry("writable code", "none"));
        file.requireNoExecutableData();
    }

    @Test
    void libraryWithStartFiles_hasTheCompilersConstructorsToo() throws Exception {
        assertThat(read(library).constructors()).isGreaterThanOrEqualTo(1);
        assertThat(read(tools.library(SOURCE, "-nostartfiles")).constructors()).isZero();
    }

    @Test
    void libraryThatNeedsNothing_saysSo() throws Exception {
        assertThat(read(tools.library("int x(void) { return 1; }", "-nostdlib")).details())
                .containsEntry("needs", "none")
                .containsEntry("imports of note", "none")
                .doesNotContainKeys("runpath", "executable stack", "text relocations");
    }

    @Test
    void libraryOfAnotherMachine_isReadForThatOne() throws Exception {
        byte[] foreign = tools.elf("aarch64-linux-gnu", """
                int plugin_invoke(void) { return 1; }
                int connect(void);
                int other(void) { return connect(); }
                int data;
                """, "-z", "undefs");
        LibraryFile file = new BinaryCheck(Optional.of(AARCH64)).read("x.so", ByteBuffer.wrap(foreign));

        assertThat(file.symbols().functions().orElseThrow()).containsExactlyInAnyOrder("plugin_invoke", "other");
        assertThat(file.details()).containsEntry("format", "ELF, aarch64").containsEntry("imports of note", "connect");
    }

    @Test
    void codeThatIsWritable_isShownAndRefusedWhereItIsUnwanted() throws Exception {
        LibraryFile file = read(tools.library(SOURCE, "-Wl,-N", "-nostdlib"));

        assertThat(file.details().get("writable code")).startsWith("segment at 0x");
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(file::requireNoExecutableData)
                .withMessageStartingWith("x.so: writable and executable at once: segment at 0x")
                .withMessageContaining("-N");
    }

    @Test
    void executableStack_isShownAndRefusedWhereItIsUnwanted() throws Exception {
        assertStackIsRefused(read(tools.library(SOURCE, "-Wl,-z,execstack")));
    }

    @Test
    void libraryThatSaysNothingOfTheStack_isTakenForOneThatWantsItExecutable() {
        byte[] silent = library.clone();
        ByteBuffer fields = ByteBuffer.wrap(silent).order(machine.order());
        int table = (int) fields.getLong(32);
        for (int header = table; header < table + 56 * fields.getShort(56); header += 56) {
            if (fields.getInt(header) == 0x6474e551) {
                fields.putInt(header, 0);
            }
        }
        assertStackIsRefused(read(silent));
    }

    @Test
    void textRelocations_areShown() throws Exception {
        byte[] patched = tools.library("""
                extern int elsewhere;
                __asm__(".text\\n.global f\\n.type f, %function\\nf: .quad elsewhere\\n.section .note.GNU-stack,\\"\\"");
                int keep(void) { return elsewhere; }
                """, "-Wl,-z,notext", "-nostdlib");
        assertThat(read(patched).details()).containsEntry("text relocations", "yes");
    }

    @Test
    void otherMachine_isNamed() {
        int other = machine.code() == 183 ? 62 : 183;
        assertIncompatible(
                patched(18, other, other >> 8),
                "made for " + LibraryFormat.ELF.machineOf(other) + "; this machine is " + machine.name());
    }

    @Test
    void unknownMachine_isNamedByNumber() {
        assertIncompatible(patched(18, 0x34, 0x12), "made for machine 4660");
    }

    @Test
    void library32Bit_isIncompatible() {
        assertIncompatible(patched(4, 1), "a 32-bit library");
    }

    @Test
    void libraryOfOtherByteOrder_isIncompatible() {
        assertIncompatible(patched(5, 2), "a big-endian library; this machine is little-endian");
    }

    @Test
    void fixedExecutable_isNamed() {
        assertRefused(patched(16, 2, 0), "an executable, not a shared library");
    }

    @Test
    void movableExecutable_isNamed() throws Exception {
        Path program = folder.resolve("main");
        String source = tools.write("main.c", "int main(void) { return 0; }");
        Toolchain.run(List.of("cc", "-fPIE", "-pie", "-o", program.toString(), source));
        assertRefused(Files.readAllBytes(program), "an executable, not a shared library");
    }

    @Test
    void objectFile_isNamed() throws Exception {
        Path object = folder.resolve("sample.o");
        Toolchain.run(List.of("cc", "-c", "-o", object.toString(), tools.write("sample.c", SOURCE)));
        assertRefused(Files.readAllBytes(object), "an object file");
    }

    @Test
    void halfAFile_isTruncated() {
        assertRefused(Arrays.copyOf(library, library.length / 2), "x.so: truncated or damaged: a segment");
    }

    @Test
    void everyTruncation_isRefusedOrHarmless() {
        new Damage(library, machine).cutEverywhere();
    }

    @Test
    void randomDamage_givesAnAnswerOrAPluginException() {
        new Damage(library, machine).changeRandomBytes(20_000);
    }

    @Test
    void hugeNumbersEverywhere_giveAnAnswerOrAPluginException() {
        new Damage(library, machine).writeHugeNumbersEverywhere();
    }

    private static void assertStackIsRefused(LibraryFile file) {
        assertThat(file.details()).containsEntry("executable stack", "yes");
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(file::requireNoExecutableData)
                .withMessage("x.so: asks for an executable stack; link it with -z noexecstack")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.PLUGIN_INVALID);
    }

    private static LibraryFile read(byte[] content) {
        return new BinaryCheck(Optional.of(machine)).read("x.so", ByteBuffer.wrap(content));
    }

    private static Set<String> exports(byte[] content) {
        return read(content).symbols().functions().orElseThrow();
    }

    private static void assertRefused(byte[] content, String message) {
        assertRefused(content, ErrorCode.PLUGIN_INVALID, message);
    }

    private static void assertIncompatible(byte[] content, String message) {
        assertRefused(content, ErrorCode.INCOMPATIBLE, message);
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
        for (int i = 0; i < values.length; i++) {
            changed[at + i] = (byte) values[i];
        }
        return changed;
    }
}
