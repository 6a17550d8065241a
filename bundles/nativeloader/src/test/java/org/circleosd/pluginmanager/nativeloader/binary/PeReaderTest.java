package org.circleosd.pluginmanager.nativeloader.binary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PeReaderTest {

    private static final String X86_64 = "x86_64-windows-msvc";
    private static final String SOURCE = """
            #define EXPORT __declspec(dllexport)
            #define IMPORT __declspec(dllimport)
            IMPORT int CreateProcessW(void);
            IMPORT int GetTickCount(void);
            IMPORT int socket(void);
            IMPORT int connect(void);
            EXPORT int data_symbol = 1;
            int _tls_index;
            EXPORT void plugin_init(void) { data_symbol++; }
            EXPORT int plugin_invoke(void) { return CreateProcessW() + GetTickCount() + socket() + connect(); }
            typedef void (*callback)(void *, unsigned, void *);
            static void on_thread(void *a, unsigned b, void *c) { (void)a; (void)b; (void)c; }
            #pragma section(".CRT$XLB", read)
            __declspec(allocate(".CRT$XLB")) callback callbacks[] = { on_thread, on_thread, 0 };
            static char start, end;
            const struct { void *start, *end, *index, *callbacks; unsigned zero, flags; } _tls_used =
                { &start, &end, &_tls_index, callbacks, 0, 0 };
            int _DllMainCRTStartup(void *a, unsigned b, void *c) { (void)a; (void)b; (void)c; return 1; }
            """;

    @TempDir
    private static Path folder;

    private static Toolchain tools;
    private static byte[] library;

    @BeforeAll
    static void compile() throws Exception {
        tools = new Toolchain(folder);
        String kernel = tools.importsFrom(
                "KERNEL32.dll",
                "int CreateProcessW(void) { return 0; } int GetTickCount(void) { return 0; }",
                "/export:CreateProcessW",
                "/export:GetTickCount");
        String sockets = tools.importsFrom(
                "WS2_32.dll",
                "int socket(void) { return 0; } int connect(void) { return 0; }",
                "/export:socket,@23,NONAME",
                "/export:connect,@4");
        library = tools.dll(
                X86_64, SOURCE, "/entry:_DllMainCRTStartup", "/export:forwarded=other.function", kernel, sockets);
    }

    @Test
    void library_namesTheFunctionsThatItExportsItself() {
        assertThat(read(library).symbols().functions().orElseThrow())
                .containsExactlyInAnyOrder("plugin_init", "plugin_invoke");
    }

    @Test
    void details_tellWhatTheLibraryMeansToDo() {
        assertThat(read(library).details())
                .containsExactly(
                        entry("format", "PE, x86-64"),
                        entry("needs", "KERNEL32.dll, WS2_32.dll"),
                        entry("constructors", "3"),
                        entry("imports of note", "CreateProcessW, connect, socket"),
                        entry("writable code", "none"));
    }

    @Test
    void libraryWithoutEntry_runsNothingWhenLoaded() throws Exception {
        LibraryFile file = read(tools.dll(X86_64, "__declspec(dllexport) int f(void) { return 1; }", "/noentry"));

        assertThat(file.constructors()).isZero();
        assertThat(file.needed()).isEmpty();
        assertThat(file.symbols().shown()).isEqualTo("f");
    }

    @Test
    void importThatIsBoundAtItsFirstCall_isSeenToo() throws Exception {
        String kernel = tools.importsFrom("LATE.dll", "int WinExec(void) { return 0; }", "/export:WinExec");
        LibraryFile file = read(tools.dll(X86_64, """
                __declspec(dllimport) int WinExec(void);
                void *__delayLoadHelper2(void *a, void *b) { (void)a; return b; }
                __declspec(dllexport) int f(void) { return WinExec(); }
                """, "/noentry", "/delayload:LATE.dll", kernel));

        assertThat(file.needed()).containsExactly("LATE.dll");
        assertThat(file.notableImports()).containsExactly("WinExec");
    }

    @Test
    void libraryOfAnotherMachine_isNamedAndReadForThatOne() throws Exception {
        byte[] foreign =
                tools.dll("aarch64-windows-msvc", "__declspec(dllexport) int f(void) { return 1; }", "/noentry");
        LibraryMachine other = new LibraryMachine(LibraryFormat.PE, "aarch64", 0xaa64, ByteOrder.LITTLE_ENDIAN);

        assertThat(new BinaryCheck(Optional.of(other))
                        .read("x.dll", ByteBuffer.wrap(foreign))
                        .details())
                .containsEntry("format", "PE, aarch64");
        assertRefused(foreign, ErrorCode.INCOMPATIBLE, "x.dll: made for aarch64; this machine is x86-64");
    }

    @Test
    void library32Bit_isIncompatible() throws Exception {
        byte[] small = tools.dll("i686-windows-msvc", "int f(void) { return 1; }", "/noentry", "/safeseh:no");
        assertRefused(small, ErrorCode.INCOMPATIBLE, "x.dll: a 32-bit library; this machine needs 64-bit x86-64");
    }

    @Test
    void program_isNamed() {
        int header = ByteBuffer.wrap(library).order(ByteOrder.LITTLE_ENDIAN).getInt(60);
        byte[] program = library.clone();
        program[header + 23] &= ~0x20;
        assertRefused(program, ErrorCode.PLUGIN_INVALID, "x.dll: a program, not a library");
    }

    @Test
    void programForDos_isNamed() {
        byte[] old = Arrays.copyOf(library, 4096);
        Arrays.fill(old, 60, 64, (byte) 0);
        assertRefused(old, ErrorCode.PLUGIN_INVALID, "x.dll: a program for DOS, or damaged");
    }

    @Test
    void codeThatIsWritable_isShownAndRefusedWhereItIsUnwanted() {
        byte[] writable = library.clone();
        ByteBuffer fields = ByteBuffer.wrap(writable).order(ByteOrder.LITTLE_ENDIAN);
        int header = fields.getInt(60);
        int firstSection = header + 24 + fields.getShort(header + 20);
        fields.putInt(firstSection + 36, fields.getInt(firstSection + 36) | 0x8000_0000);
        LibraryFile file = read(writable);

        assertThat(file.details()).containsEntry("writable code", ".text");
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(file::requireNoExecutableData)
                .withMessageStartingWith("x.dll: writable and executable at once: .text; ");
    }

    @Test
    void halfAFile_isTruncated() {
        assertRefused(
                Arrays.copyOf(library, library.length / 2),
                ErrorCode.PLUGIN_INVALID,
                "x.dll: truncated or damaged: a section");
    }

    @Test
    void everyTruncation_isRefusedOrHarmless() {
        new Damage(library, BinaryCheckTest.WINDOWS).cutEverywhere();
    }

    @Test
    void randomDamage_givesAnAnswerOrAPluginException() {
        new Damage(library, BinaryCheckTest.WINDOWS).changeRandomBytes(20_000);
    }

    @Test
    void hugeNumbersEverywhere_giveAnAnswerOrAPluginException() {
        new Damage(library, BinaryCheckTest.WINDOWS).writeHugeNumbersEverywhere();
    }

    private static LibraryFile read(byte[] content) {
        return new BinaryCheck(Optional.of(BinaryCheckTest.WINDOWS)).read("x.dll", ByteBuffer.wrap(content));
    }

    private static void assertRefused(byte[] content, ErrorCode code, String message) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> read(content))
                .withMessageContaining(message)
                .extracting(PluginException::code)
                .isEqualTo(code);
    }
}
