package org.circleosd.pluginmanager.nativeloader.binary;

/**
 * Reads a 64-bit dynamic library or bundle of macOS as its loader will.
 *
 * @see <a href="https://github.com/apple-oss-distributions/xnu/blob/main/EXTERNAL_HEADERS/mach-o/loader.h">loader.h</a>
 */
final class MachOReader {

    private static final int MAGIC_64 = 0xfeedfacf;
    private static final int MAGIC_32 = 0xfeedface;
    private static final int HEADER_BYTES = 32;
    private static final int COMMAND_BYTES = 8;

    private static final int TYPE_OBJECT = 1;
    private static final int TYPE_EXECUTABLE = 2;
    private static final int TYPE_LIBRARY = 6;
    private static final int TYPE_BUNDLE = 8;

    private static final int SYMBOLS = 0x2;
    private static final int LIBRARY = 0xc;
    private static final int LIBRARY_WEAK = 0x8000_0018;
    private static final int SEGMENT = 0x19;
    private static final int ROUTINES = 0x1a;
    private static final int RUNPATH = 0x8000_001c;
    private static final int LIBRARY_REEXPORTED = 0x8000_001f;
    private static final int LIBRARY_LAZY = 0x20;
    private static final int LOADER_INFO = 0x22;
    private static final int LOADER_INFO_ONLY = 0x8000_0022;
    private static final int LIBRARY_UPWARD = 0x8000_0023;
    private static final int EXPORTS = 0x8000_0033;

    private final FileBytes bytes;
    private final LibraryMachine machine;
    private final Findings findings;
    private final MachOSections sections;

    private long exportsAt;
    private long exportsBytes;
    private long symbolCommand;

    /**
     * Takes the bytes of one machine's file.
     *
     * @param container what a message says of where it is, behind the machine's name
     */
    MachOReader(FileBytes bytes, LibraryMachine machine, String container) {
        this.bytes = bytes;
        this.machine = machine;
        this.findings = new Findings(bytes, machine.format().title() + ", " + machine.name() + container);
        this.sections = new MachOSections(bytes, findings);
    }

    LibraryFile read() {
        checkHeader();
        readCommands();
        if (sections.isEmpty()) {
            throw bytes.invalid("not a library: it has no segment");
        }
        if (symbolCommand != 0) {
            MachOSymbols symbols = new MachOSymbols(bytes, sections, symbolCommand);
            symbols.tellImports(findings);
            if (exportsBytes == 0) {
                symbols.tellExports(findings);
            }
        }
        if (exportsBytes != 0) {
            new MachOExports(bytes.part(exportsAt, exportsBytes, "the exports"), sections).tell(findings);
        }
        return findings.result();
    }

    private void checkHeader() {
        int magic = bytes.size() < Integer.BYTES ? 0 : bytes.intAt(0);
        if (magic == MAGIC_32) {
            throw bytes.incompatible("a 32-bit library; this machine needs 64-bit " + machine.name());
        }
        if (magic == Integer.reverseBytes(MAGIC_64) || magic == Integer.reverseBytes(MAGIC_32)) {
            throw bytes.incompatible("a library of another byte order; this machine is " + machine.name());
        }
        if (magic != MAGIC_64) {
            throw bytes.invalid("damaged: the library for " + machine.name() + " does not start as a Mach-O file does");
        }
        if (bytes.size() < HEADER_BYTES) {
            throw bytes.invalid("truncated: " + bytes.size() + " bytes, the header alone has " + HEADER_BYTES);
        }
        machine.require(bytes, bytes.intAt(4));
        int type = bytes.intAt(12);
        switch (type) {
            case TYPE_LIBRARY, TYPE_BUNDLE -> {}
            case TYPE_OBJECT -> throw bytes.invalid("an object file, not a library; link it with -dynamiclib");
            case TYPE_EXECUTABLE -> throw bytes.invalid("an executable, not a library; link it with -dynamiclib");
            default -> throw bytes.invalid("not a library: Mach-O type " + Integer.toUnsignedString(type));
        }
    }

    private void readCommands() {
        long count = bytes.unsignedInt(16);
        long length = bytes.unsignedInt(20);
        bytes.require(HEADER_BYTES, length, "the load commands");
        long end = HEADER_BYTES + length;
        long command = HEADER_BYTES;
        for (long i = 0; i < count; i++) {
            long commandBytes = end - command < COMMAND_BYTES ? 0 : bytes.unsignedInt(command + 4);
            if (commandBytes < COMMAND_BYTES || commandBytes > end - command) {
                throw bytes.invalid("damaged: load command " + i + " does not lie among the load commands");
            }
            readCommand(command, command + commandBytes);
            command += commandBytes;
        }
    }

    private void readCommand(long command, long end) {
        switch (bytes.intAt(command)) {
            case SEGMENT -> sections.readSegment(command, end);
            case SYMBOLS -> symbolCommand = command;
            case LIBRARY, LIBRARY_WEAK, LIBRARY_REEXPORTED, LIBRARY_LAZY, LIBRARY_UPWARD ->
                findings.needs(textOf(command, end));
            case RUNPATH -> findings.searchesIn(textOf(command, end));
            case ROUTINES -> findings.runsAtLoad(bytes.longAt(command + 8) == 0 ? 0 : 1);
            case LOADER_INFO, LOADER_INFO_ONLY -> setExports(command + 40);
            case EXPORTS -> setExports(command + 8);
            default -> {}
        }
    }

    private void setExports(long field) {
        exportsAt = bytes.unsignedInt(field);
        exportsBytes = bytes.unsignedInt(field + Integer.BYTES);
    }

    /** A command's text lies behind its fields, where its third field says. */
    private String textOf(long command, long end) {
        long start = command + bytes.unsignedInt(command + 8);
        return bytes.text(Math.min(start, end), end);
    }
}
