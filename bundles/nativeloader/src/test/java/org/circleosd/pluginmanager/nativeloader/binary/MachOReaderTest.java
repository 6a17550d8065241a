package org.circleosd.pluginmanager.nativeloader.binary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class MachOReaderTest {

    private static final String SOURCE = """
            extern int socket(int, int, int);
            extern int connect(int) __asm("_connect$NOCANCEL");
            extern int getpid(void);
            volatile int data_symbol = 1;
            const int constant_symbol = 1;
            static int hidden(void) { return data_symbol; }
            __attribute__((visibility("hidden"))) int internal(void) { return hidden(); }
            void plugin_init(void) { data_symbol += internal(); }
            int plugin_invoke(void) { return socket(1, 2, 3) + connect(1) + getpid() + constant_symbol; }
            __attribute__((constructor)) static void first(void) { data_symbol = 1; }
            __attribute__((constructor)) static void second(void) { data_symbol = 2; }
            """;
    private static final LibraryMachine AARCH64 =
            new LibraryMachine(LibraryFormat.MACH_O, "aarch64", 0x0100_000c, ByteOrder.LITTLE_ENDIAN);

    @TempDir
    private static Path folder;

    private static Toolchain tools;
    private static byte[] library;
    private static byte[] libraryForAarch64;

    @BeforeAll
    static void compile() throws Exception {
        tools = new Toolchain(folder);
        library = tools.dylib("x86_64-apple-macos11", "x86_64", SOURCE, "-dylib", "-rpath", "@loader_path/lib");
        libraryForAarch64 = tools.dylib("arm64-apple-macos11", "arm64", SOURCE, "-dylib");
    }

    @Test
    void library_namesTheFunctionsThatItExports() {
        assertThat(read(library).symbols().functions().orElseThrow())
                .containsExactlyInAnyOrder("plugin_init", "plugin_invoke");
    }

    @Test
    void libraryWhoseExportsAreInTheSymbolTableAlone_isReadAlike() {
        byte[] old = library.clone();
        ByteBuffer fields = ByteBuffer.wrap(old).order(ByteOrder.LITTLE_ENDIAN);
        int found = 0;
        for (int at = 32, i = 0; i < fields.getInt(16); at += fields.getInt(at + 4), i++) {
            if (fields.getInt(at) == 0x8000_0022) {
                fields.putInt(at + 44, 0);
                found++;
            }
        }
        assertThat(found).isEqualTo(1);
        assertThat(read(old).symbols()).isEqualTo(read(library).symbols());
    }

    @Test
    void details_tellWhatTheLibraryMeansToDo() throws Exception {
        String other = folder.resolve("libother.dylib").toString();
        byte[] needed = tools.dylib(
                "x86_64-apple-macos11", "x86_64", "int f(void) { return 1; }", "-dylib", "-install_name", other);
        Files.write(Path.of(other), needed);
        LibraryFile file = read(
                tools.dylib("x86_64-apple-macos11", "x86_64", SOURCE, "-dylib", "-rpath", "@loader_path/lib", other));

        assertThat(file.details())
                .containsExactly(
                        entry("format", "Mach-O, x86-64"),
                        entry("needs", other),
                        entry("runpath", "@loader_path/lib"),
                        entry("constructors", "2"),
                        entry("imports of note", "connect, socket"),
                        entry("writable code", "none"));
    }

    @Test
    void bundle_isALibraryToo() throws Exception {
        assertThat(read(tools.dylib("x86_64-apple-macos11", "x86_64", SOURCE, "-bundle"))
                        .symbols()
                        .mayExport("plugin_invoke"))
                .isTrue();
    }

    @Test
    void universalFile_isReadForEachOfItsMachines() {
        byte[] universal = universal(false);

        assertThat(read(universal).details())
                .containsEntry("format", "Mach-O, x86-64 of a universal file")
                .containsEntry("runpath", "@loader_path/lib");
        LibraryFile other = new BinaryCheck(Optional.of(AARCH64)).read("x.dylib", ByteBuffer.wrap(universal));
        assertThat(other.details())
                .containsEntry("format", "Mach-O, aarch64 of a universal file")
                .doesNotContainKey("runpath");
        assertThat(other.symbols()).isEqualTo(read(library).symbols());
        assertThat(read(universal(true))).isEqualTo(read(universal));
    }

    @Test
    void universalFileOfOtherMachines_namesThem() {
        byte[] universal = universal(false);
        universal[8 + 3] = 18;
        assertRefused(universal, ErrorCode.INCOMPATIBLE, "x.dylib: made for ppc64, aarch64; this machine is x86-64");
    }

    @Test
    void universalFileWhosePartIsCut_isTruncated() {
        byte[] universal = universal(false);
        assertRefused(
                Arrays.copyOf(universal, universal.length - libraryForAarch64.length - 8000),
                ErrorCode.PLUGIN_INVALID,
                "x.dylib: truncated or damaged: the library for x86-64");
    }

    @Test
    void libraryOfAnotherMachine_isNamed() {
        assertRefused(libraryForAarch64, ErrorCode.INCOMPATIBLE, "x.dylib: made for aarch64; this machine is x86-64");
    }

    @Test
    void library32Bit_isIncompatible() {
        assertRefused(
                BinaryCheckTest.bytes(0xce, 0xfa, 0xed, 0xfe, 7, 0, 0, 0),
                ErrorCode.INCOMPATIBLE,
                "a 32-bit library; this machine needs 64-bit x86-64");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void objectOrExecutable_isNamed(int type) {
        byte[] other = library.clone();
        other[12] = (byte) type;
        assertRefused(other, ErrorCode.PLUGIN_INVALID, type == 1 ? "an object file" : "an executable, not a library");
    }

    @Test
    void codeThatIsWritable_isShownAndRefusedWhereItIsUnwanted() {
        byte[] writable = library.clone();
        writable[32 + 60] |= 2;
        LibraryFile file = read(writable);

        assertThat(file.details()).containsEntry("writable code", "__TEXT");
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(file::requireNoExecutableData)
                .withMessageStartingWith("x.dylib: writable and executable at once: __TEXT; ");
    }

    @Test
    void everyTruncation_isRefusedOrHarmless() {
        new Damage(library, BinaryCheckTest.MAC).cutEverywhere();
    }

    @Test
    void everyTruncationOfAUniversalFile_isRefusedOrHarmless() {
        new Damage(universal(true), AARCH64).cutEverywhere();
    }

    @Test
    void randomDamage_givesAnAnswerOrAPluginException() {
        new Damage(library, BinaryCheckTest.MAC).changeRandomBytes(20_000);
        new Damage(universal(false), BinaryCheckTest.MAC).changeRandomBytes(5_000);
    }

    @Test
    void hugeNumbersEverywhere_giveAnAnswerOrAPluginException() {
        new Damage(library, BinaryCheckTest.MAC).writeHugeNumbersEverywhere();
    }

    /** Writes both libraries into one file, as Apple's lipo does. */
    private static byte[] universal(boolean large) {
        byte[][] parts = {library, libraryForAarch64};
        int[] machines = {0x0100_0007, 0x0100_000c};
        ByteBuffer header = ByteBuffer.allocate(4096);
        header.putInt(large ? 0xcafebabf : 0xcafebabe).putInt(parts.length);
        int offset = header.capacity();
        for (int i = 0; i < parts.length; i++) {
            header.putInt(machines[i]).putInt(0);
            if (large) {
                header.putLong(offset).putLong(parts[i].length).putInt(12).putInt(0);
            } else {
                header.putInt(offset).putInt(parts[i].length).putInt(12);
            }
            offset += parts[i].length;
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(header.array());
        for (byte[] part : parts) {
            file.writeBytes(part);
        }
        return file.toByteArray();
    }

    private static LibraryFile read(byte[] content) {
        return new BinaryCheck(Optional.of(BinaryCheckTest.MAC)).read("x.dylib", ByteBuffer.wrap(content));
    }

    private static void assertRefused(byte[] content, ErrorCode code, String message) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> read(content))
                .withMessageContaining(message)
                .extracting(PluginException::code)
                .isEqualTo(code);
    }
}
