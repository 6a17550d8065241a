package org.circleosd.pluginmanager.nativeloader.binary;

/**
 * Reads a 64-bit DLL as the loader of Windows will.
 *
 * @see <a href="https://learn.microsoft.com/en-us/windows/win32/debug/pe-format">PE format</a>
 */
final class PeReader {

    private static final int DOS_HEADER_BYTES = 64;
    private static final int SIGNATURE = 0x0000_4550; // "PE", two zero bytes
    private static final int FILE_HEADER_BYTES = 24; // with the signature
    private static final int OPTIONAL_HEADER_BYTES = 112; // without its table of directories
    private static final int DIRECTORY_BYTES = 8;
    private static final int IS_DLL = 0x2000;
    private static final int MAGIC_32_BIT = 0x10b;
    private static final int MAGIC_64_BIT = 0x20b;

    private static final int EXPORTS = 0;
    private static final int IMPORTS = 1;
    private static final int THREAD_STORAGE = 9;
    private static final int DELAYED_IMPORTS = 13;
    private static final int DIRECTORIES = 16;

    private static final int CALLBACKS_FIELD = 24;
    private static final int MAX_CALLBACKS = 4096;

    private final FileBytes bytes;
    private final LibraryMachine machine;
    private final Findings findings;

    PeReader(FileBytes bytes, LibraryMachine machine) {
        this.bytes = bytes;
        this.machine = machine;
        this.findings = new Findings(bytes, machine.format().title() + ", " + machine.name());
    }

    LibraryFile read() {
        if (bytes.size() < DOS_HEADER_BYTES) {
            throw bytes.invalid("truncated: " + bytes.size() + " bytes, the header alone has " + DOS_HEADER_BYTES);
        }
        long header = bytes.unsignedInt(60);
        bytes.require(header, FILE_HEADER_BYTES, "the PE header");
        if (bytes.intAt(header) != SIGNATURE) {
            throw bytes.invalid("a program for DOS, or damaged: it has no PE signature");
        }
        long optional = header + FILE_HEADER_BYTES;
        checkHeader(header, optional);

        int optionalBytes = bytes.unsignedShort(header + 20);
        PeSections sections = PeSections.read(
                bytes, optional + optionalBytes, bytes.unsignedShort(header + 6), bytes.unsignedInt(optional + 60));
        sections.tell(findings);
        long directories = Math.min(
                Math.min(DIRECTORIES, bytes.unsignedInt(optional + 108)),
                (optionalBytes - OPTIONAL_HEADER_BYTES) / DIRECTORY_BYTES);
        for (int i = 0; i < directories; i++) {
            long entry = optional + OPTIONAL_HEADER_BYTES + (long) i * DIRECTORY_BYTES;
            readDirectory(i, sections, bytes.unsignedInt(entry), bytes.unsignedInt(entry + 4), optional);
        }
        findings.runsAtLoad(bytes.intAt(optional + 16) == 0 ? 0 : 1);
        return findings.result();
    }

    private void checkHeader(long header, long optional) {
        int optionalBytes = bytes.unsignedShort(header + 20);
        bytes.require(optional, optionalBytes, "the optional header");
        int kind = optionalBytes < 2 ? 0 : bytes.unsignedShort(optional);
        if (kind == MAGIC_32_BIT) {
            throw bytes.incompatible("a 32-bit library; this machine needs 64-bit " + machine.name());
        }
        machine.require(bytes, bytes.unsignedShort(header + 4));
        if (kind != MAGIC_64_BIT || optionalBytes < OPTIONAL_HEADER_BYTES) {
            throw bytes.invalid("damaged: its optional header has the kind 0x" + Integer.toHexString(kind) + " and "
                    + optionalBytes + " bytes");
        }
        if ((bytes.unsignedShort(header + 22) & IS_DLL) == 0) {
            throw bytes.invalid("a program, not a library; link it with /dll (or -shared)");
        }
    }

    private void readDirectory(int which, PeSections sections, long address, long length, long optional) {
        if (address == 0) {
            return;
        }
        switch (which) {
            case EXPORTS -> new PeExports(bytes, sections, address, length).tell(findings);
            case IMPORTS -> new PeImports(bytes, sections).tell(findings, address);
            case DELAYED_IMPORTS -> new PeImports(bytes, sections).tellDelayed(findings, address);
            case THREAD_STORAGE -> readCallbacks(sections, address, bytes.longAt(optional + 24));
            default -> {}
        }
    }

    /** The loader calls these before the entry point. */
    private void readCallbacks(PeSections sections, long directory, long imageBase) {
        long callbacks = bytes.longAt(sections.place(directory + CALLBACKS_FIELD, Long.BYTES));
        if (callbacks == 0) {
            return;
        }
        long address = callbacks - imageBase;
        int count = 0;
        while (bytes.longAt(sections.place(address + (long) count * Long.BYTES, Long.BYTES)) != 0) {
            count++;
            bytes.requireAtMost(MAX_CALLBACKS, count, "callbacks of thread-local storage");
        }
        findings.runsAtLoad(count);
    }
}
