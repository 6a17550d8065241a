package org.circleosd.pluginmanager.nativeloader.binary;

import com.sun.jna.Platform;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A machine that libraries are made for.
 *
 * @param format of its library files
 * @param name for messages
 * @param code the format's number for it
 * @param order byte order
 */
record LibraryMachine(LibraryFormat format, String name, int code, ByteOrder order) {

    /** Returns this process's machine; empty if its library files are of a format that is not read here. */
    static Optional<LibraryMachine> ofThisOne() {
        return formatOfThisSystem().flatMap(format -> format.codeOf(Platform.ARCH)
                .map(code -> new LibraryMachine(format, Platform.ARCH, code, ByteOrder.nativeOrder())));
    }

    /**
     * Refuses a library of another machine.
     *
     * @param found what its file says
     */
    void require(FileBytes bytes, int found) {
        if (found != code) {
            throw bytes.incompatible("made for " + format.machineOf(found) + "; this machine is " + name);
        }
    }

    private static Optional<LibraryFormat> formatOfThisSystem() {
        if (Platform.isLinux() || Platform.isFreeBSD()) {
            return Optional.of(LibraryFormat.ELF);
        }
        if (Platform.isWindows()) {
            return Optional.of(LibraryFormat.PE);
        }
        return Platform.isMac() ? Optional.of(LibraryFormat.MACH_O) : Optional.empty();
    }
}
