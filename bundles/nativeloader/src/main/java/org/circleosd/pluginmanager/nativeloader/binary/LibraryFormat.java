package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.Map;
import java.util.Optional;

/** A format of library files, and how it names machines. */
@SuppressWarnings("ImmutableEnumChecker") // the maps are not changed by anyone
public enum LibraryFormat {
    /** Of Linux and the BSDs. */
    ELF(
            "ELF",
            "an ELF library (Linux, BSD)",
            Map.of("x86-64", 62, "aarch64", 183, "riscv64", 243, "ppc64le", 21, "loongarch64", 258),
            Map.of(
                    3, "x86 (32 bit)",
                    8, "mips",
                    20, "ppc",
                    21, "ppc64",
                    22, "s390",
                    40, "arm (32 bit)",
                    62, "x86-64",
                    183, "aarch64",
                    243, "riscv",
                    258, "loongarch")),
    /** Of Windows. */
    PE(
            "PE",
            "a Windows library (PE)",
            Map.of("x86-64", 0x8664, "aarch64", 0xaa64),
            Map.of(
                    0x14c, "x86 (32 bit)",
                    0x1c0, "arm (32 bit)",
                    0x1c4, "arm (32 bit)",
                    0x200, "itanium",
                    0x8664, "x86-64",
                    0xa641, "aarch64 (emulation compatible)",
                    0xaa64, "aarch64")),
    /** Of macOS. */
    MACH_O(
            "Mach-O",
            "a macOS library (Mach-O)",
            Map.of("x86-64", 0x0100_0007, "aarch64", 0x0100_000c),
            Map.of(
                    7, "x86 (32 bit)",
                    12, "arm (32 bit)",
                    18, "ppc (32 bit)",
                    0x0100_0007, "x86-64",
                    0x0100_000c, "aarch64",
                    0x0100_0012, "ppc64"));

    private final String title;
    private final String description;
    private final Map<String, Integer> codes;
    private final Map<Integer, String> machines;

    LibraryFormat(String title, String description, Map<String, Integer> codes, Map<Integer, String> machines) {
        this.title = title;
        this.description = description;
        this.codes = codes;
        this.machines = machines;
    }

    /** Returns the format's name. */
    public String title() {
        return title;
    }

    /** Returns what a message calls a file of this format. */
    String description() {
        return description;
    }

    /** Returns the number of an architecture that Java runs on; empty if the format has none. */
    Optional<Integer> codeOf(String architecture) {
        return Optional.ofNullable(codes.get(architecture));
    }

    /** Returns what a message calls the machine of a number. */
    String machineOf(int code) {
        return machines.getOrDefault(code, "machine " + Integer.toUnsignedString(code));
    }
}
