package org.circleosd.pluginmanager.nativeloader;

import com.sun.jna.Platform;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;

/**
 * A machine that ELF files are made for.
 *
 * @param name for messages
 * @param code e_machine
 * @param order byte order
 * @see <a href="https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html">ELF header</a>
 */
record ElfMachine(String name, int code, ByteOrder order) {

    private static final Map<String, Integer> CODES =
            Map.of("x86-64", 62, "aarch64", 183, "riscv64", 243, "ppc64le", 21, "loongarch64", 258);
    private static final Map<Integer, String> NAMES = Map.of(
            3, "x86 (32 bit)",
            8, "mips",
            20, "ppc",
            21, "ppc64",
            22, "s390",
            40, "arm (32 bit)",
            62, "x86-64",
            183, "aarch64",
            243, "riscv",
            258, "loongarch");

    /** Returns this process's machine; empty if it has no ELF files, or unusual ones. */
    static Optional<ElfMachine> ofThisMachine() {
        Integer code = CODES.get(Platform.ARCH);
        boolean elf = Platform.isLinux() || Platform.isFreeBSD();
        return elf && code != null
                ? Optional.of(new ElfMachine(Platform.ARCH, code, ByteOrder.nativeOrder()))
                : Optional.empty();
    }

    static String nameOf(int code) {
        return NAMES.getOrDefault(code, "machine " + code);
    }
}
