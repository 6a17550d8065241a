package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.ArrayList;
import java.util.List;

/** The segments of a library of macOS, and the sections in them. */
final class MachOSections {

    private static final int SEGMENT_BYTES = 72;
    private static final int SECTION_BYTES = 80;
    private static final int NAME_BYTES = 16;
    private static final int MAX_SECTIONS = 255; // symbols name them by a byte

    private static final int WRITE = 2;
    private static final int EXECUTE = 4;

    private static final int TYPE_MASK = 0xff;
    private static final int INIT_POINTERS = 0x9;
    private static final int INIT_OFFSETS = 0x16;
    private static final int HOLDS_CODE = 0x8000_0400;

    private final FileBytes bytes;
    private final Findings findings;
    private final List<Section> sections = new ArrayList<>();
    private boolean anySegment;
    private long imageAddress;

    MachOSections(FileBytes bytes, Findings findings) {
        this.bytes = bytes;
        this.findings = findings;
    }

    boolean isEmpty() {
        return !anySegment;
    }

    void readSegment(long command, long end) {
        bytes.require(command, SEGMENT_BYTES, "a segment command");
        long address = bytes.longAt(command + 24);
        long offset = bytes.longAt(command + 40);
        long length = bytes.longAt(command + 48);
        bytes.require(offset, length, "a segment");
        // The segment with the start of the file is where addresses of exports are counted from.
        if (offset == 0 && length != 0) {
            imageAddress = address;
        }
        anySegment = true;
        int protection = bytes.intAt(command + 60);
        if ((protection & WRITE) != 0 && (protection & EXECUTE) != 0) {
            findings.hasWritableCode(bytes.paddedText(command + 8, NAME_BYTES));
        }
        long count = bytes.unsignedInt(command + 64);
        if (count > (end - command - SEGMENT_BYTES) / SECTION_BYTES) {
            throw bytes.invalid("damaged: a segment command names " + count + " sections and has no room for them");
        }
        for (long i = 0; i < count; i++) {
            readSection(command + SEGMENT_BYTES + i * SECTION_BYTES);
        }
    }

    private void readSection(long header) {
        long length = bytes.longAt(header + 40);
        int flags = bytes.intAt(header + 64);
        int type = flags & TYPE_MASK;
        if (type == INIT_POINTERS || type == INIT_OFFSETS) {
            bytes.require(bytes.unsignedInt(header + 48), length, "the constructors");
            findings.runsAtLoad(length / (type == INIT_POINTERS ? Long.BYTES : Integer.BYTES));
        }
        bytes.requireAtMost(MAX_SECTIONS, sections.size() + 1L, "sections");
        sections.add(new Section(bytes.longAt(header + 32), length, (flags & HOLDS_CODE) != 0));
    }

    /** Says whether the section of a number, counted from 1 over all segments, holds code. */
    boolean isCode(int number) {
        return number >= 1 && number <= sections.size() && sections.get(number - 1).code;
    }

    /** Says whether there is code so far behind the start of the library. */
    boolean isCodeAt(long offset) {
        long address = imageAddress + offset;
        for (Section section : sections) {
            if (section.code && address >= section.address && address - section.address < section.length) {
                return true;
            }
        }
        return false;
    }

    private record Section(long address, long length, boolean code) {}
}
