package org.circleosd.pluginmanager.nativeloader.binary;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Native;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads what the tools of other systems made: the libraries that JNA has for them. */
@Timeout(60)
class ForeignLibrariesTest {

    @ParameterizedTest
    @CsvSource({
        "linux-x86-64/libjnidispatch.so, ELF, x86-64, libc.so.6, dlopen",
        "linux-aarch64/libjnidispatch.so, ELF, aarch64, libc.so.6, dlopen",
        "linux-ppc64le/libjnidispatch.so, ELF, ppc64le, libc.so.6, dlopen",
        "linux-riscv64/libjnidispatch.so, ELF, riscv64, libc.so.6, dlopen",
        "linux-loongarch64/libjnidispatch.so, ELF, loongarch64, libc.so.6, dlopen",
        "freebsd-x86-64/libjnidispatch.so, ELF, x86-64, libc.so.7, dlopen",
        "win32-x86-64/jnidispatch.dll, PE, x86-64, KERNEL32.dll, LoadLibraryExW",
        "win32-aarch64/jnidispatch.dll, PE, aarch64, KERNEL32.dll, LoadLibraryExW",
        "darwin-x86-64/libjnidispatch.jnilib, MACH_O, x86-64, /usr/lib/libSystem.B.dylib, dlopen",
        "darwin-aarch64/libjnidispatch.jnilib, MACH_O, aarch64, /usr/lib/libSystem.B.dylib, dlopen",
    })
    void library_isReadAsItsOwnSystemWould(
            String path, LibraryFormat format, String machine, String needed, String imported) throws IOException {
        byte[] content;
        try (InputStream resource = Native.class.getResourceAsStream("/com/sun/jna/" + path)) {
            content = resource.readAllBytes();
        }
        LibraryMachine its =
                new LibraryMachine(format, machine, format.codeOf(machine).orElseThrow(), ByteOrder.LITTLE_ENDIAN);
        LibraryFile file = new BinaryCheck(Optional.of(its)).read(path, ByteBuffer.wrap(content));

        assertThat(file.kind()).isEqualTo(format.title() + ", " + machine);
        assertThat(file.symbols().functions().orElseThrow())
                .hasSizeGreaterThan(50)
                .contains("JNI_OnLoad", "Java_com_sun_jna_Native_malloc");
        assertThat(file.needed()).contains(needed);
        assertThat(file.notableImports()).contains(imported);
        assertThat(file.writableCode()).isEmpty();
    }
}
