package org.circleosd.pluginmanager.nativeloader.binary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which format a file has, and what is said of one that fits nowhere. */
class BinaryCheckTest {

    static final LibraryMachine LINUX = new LibraryMachine(LibraryFormat.ELF, "x86-64", 62, ByteOrder.LITTLE_ENDIAN);
    static final LibraryMachine WINDOWS =
            new LibraryMachine(LibraryFormat.PE, "x86-64", 0x8664, ByteOrder.LITTLE_ENDIAN);
    static final LibraryMachine MAC =
            new LibraryMachine(LibraryFormat.MACH_O, "x86-64", 0x0100_0007, ByteOrder.LITTLE_ENDIAN);

    @TempDir
    private Path folder;

    static Stream<Arguments> strangers() {
        byte[] elf = bytes(0x7f, 'E', 'L', 'F', 2, 1);
        byte[] pe = bytes('M', 'Z', 0x90, 0);
        byte[] machO = bytes(0xcf, 0xfa, 0xed, 0xfe, 7);
        byte[] universal = bytes(0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2);
        return Stream.of(
                Arguments.of(LINUX, new byte[0], ErrorCode.PLUGIN_INVALID, "x: empty file"),
                Arguments.of(
                        LINUX,
                        text("hello, world\n"),
                        ErrorCode.PLUGIN_INVALID,
                        "x: a text file, not a native library (ELF)"),
                Arguments.of(MAC, text("a"), ErrorCode.PLUGIN_INVALID, "x: a text file, not a native library (Mach-O)"),
                Arguments.of(
                        WINDOWS,
                        bytes(1, 2, 3, 4, 5),
                        ErrorCode.PLUGIN_INVALID,
                        "x: not a native library: it starts with none of the marks of PE"),
                Arguments.of(
                        LINUX, bytes(0, 'a', 's', 'm', 1, 0, 0, 0), ErrorCode.PLUGIN_INVALID, "plugin_type is wasm"),
                Arguments.of(MAC, bytes(0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61), ErrorCode.PLUGIN_INVALID, "a Java class"),
                Arguments.of(LINUX, machO, ErrorCode.INCOMPATIBLE, "a macOS library (Mach-O); this system needs ELF"),
                Arguments.of(
                        LINUX, universal, ErrorCode.INCOMPATIBLE, "a macOS library (Mach-O); this system needs ELF"),
                Arguments.of(LINUX, pe, ErrorCode.INCOMPATIBLE, "a Windows library (PE); this system needs ELF"),
                Arguments.of(MAC, pe, ErrorCode.INCOMPATIBLE, "a Windows library (PE); this system needs Mach-O"),
                Arguments.of(WINDOWS, elf, ErrorCode.INCOMPATIBLE, "an ELF library (Linux, BSD); this system needs PE"),
                Arguments.of(LINUX, elf, ErrorCode.PLUGIN_INVALID, "truncated: 6 bytes"),
                Arguments.of(WINDOWS, pe, ErrorCode.PLUGIN_INVALID, "truncated: 4 bytes"),
                Arguments.of(MAC, machO, ErrorCode.PLUGIN_INVALID, "truncated: 5 bytes"),
                Arguments.of(MAC, universal, ErrorCode.PLUGIN_INVALID, "truncated or damaged: the universal header"));
    }

    @ParameterizedTest
    @MethodSource("strangers")
    void fileOfAnotherKind_isNamed(LibraryMachine machine, byte[] content, ErrorCode code, String message) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> new BinaryCheck(Optional.of(machine)).read("x", ByteBuffer.wrap(content)))
                .withMessageContaining(message)
                .extracting(PluginException::code)
                .isEqualTo(code);
    }

    @Test
    void systemOfAnUnknownFormat_leavesItToItsLoader() throws Exception {
        Path file = Files.writeString(folder.resolve("x"), "anything");
        LibraryFile library = new BinaryCheck(Optional.empty()).read("x", file);

        assertThat(library.symbols().mayExport("anything")).isTrue();
        assertThat(library.symbols().shown()).isEqualTo("functions unknown");
        assertThat(library.details()).isEmpty();
        library.requireNoExecutableData();
    }

    @Test
    void fileThatIsGone_isRefused() {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> new BinaryCheck(Optional.of(LINUX)).read("x", folder.resolve("gone")))
                .withMessageStartingWith("x: cannot be read: ");
    }

    static byte[] bytes(int... values) {
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
