package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.ArrayList;
import java.util.List;

/** The sections of a DLL: where in the file lies what has an address in memory. */
final class PeSections {

    private static final int HEADER_BYTES = 40;
    private static final int NAME_BYTES = 8;
    /** What the loader takes. */
    private static final int MAX_SECTIONS = 96;
    /** The loader rounds down where a section begins in the file. */
    private static final long FILE_ALIGNMENT = 0x200;

    private static final int EXECUTE = 0x2000_0000;
    private static final int WRITE = 0x8000_0000;

    private final FileBytes bytes;
    private final List<Section> sections;

    private PeSections(FileBytes bytes, List<Section> sections) {
        this.bytes = bytes;
        this.sections = sections;
    }

    /**
     * Reads the section headers.
     *
     * @param headerBytes how much of the file's start is in memory as it is
     */
    static PeSections read(FileBytes bytes, long table, int count, long headerBytes) {
        bytes.requireAtMost(MAX_SECTIONS, count, "sections");
        bytes.require(table, (long) count * HEADER_BYTES, "section headers");
        bytes.require(0, headerBytes, "the headers");
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("headers", 0, headerBytes, headerBytes, 0, 0));
        for (int i = 0; i < count; i++) {
            long header = table + (long) i * HEADER_BYTES;
            long fileBytes = bytes.unsignedInt(header + 16);
            long offset = bytes.unsignedInt(header + 20) / FILE_ALIGNMENT * FILE_ALIGNMENT;
            if (fileBytes != 0) {
                bytes.require(offset, fileBytes, "a section");
            }
            sections.add(new Section(
                    bytes.paddedText(header, NAME_BYTES),
                    bytes.unsignedInt(header + 12),
                    Math.max(bytes.unsignedInt(header + 8), fileBytes),
                    fileBytes,
                    offset,
                    bytes.intAt(header + 36)));
        }
        return new PeSections(bytes, sections);
    }

    void tell(Findings findings) {
        for (Section section : sections) {
            if (section.has(WRITE) && section.has(EXECUTE)) {
                findings.hasWritableCode(section.name);
            }
        }
    }

    boolean isCode(long address) {
        for (Section section : sections) {
            if (section.holds(address) && section.has(EXECUTE)) {
                return true;
            }
        }
        return false;
    }

    /** Returns where in the file a part lies that is so long. */
    long place(long address, long length) {
        for (Section section : sections) {
            long inside = address - section.address;
            if (section.holds(address) && length <= section.fileBytes - inside) {
                return section.offset + inside;
            }
        }
        throw bytes.invalid("damaged: the address 0x" + Long.toHexString(address) + " lies outside all sections");
    }

    String text(long address) {
        for (Section section : sections) {
            long inside = address - section.address;
            if (section.holds(address) && inside < section.fileBytes) {
                return bytes.text(section.offset + inside, section.offset + section.fileBytes);
            }
        }
        throw bytes.invalid("damaged: a name lies outside all sections");
    }

    private record Section(
            String name, long address, long memoryBytes, long fileBytes, long offset, int characteristics) {

        boolean holds(long place) {
            return place >= address && place - address < memoryBytes;
        }

        boolean has(int characteristic) {
            return (characteristics & characteristic) != 0;
        }
    }
}
