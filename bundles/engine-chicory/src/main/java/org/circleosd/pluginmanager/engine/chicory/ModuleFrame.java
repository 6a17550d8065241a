package org.circleosd.pluginmanager.engine.chicory;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * The outer form of a module, checked before the engine sees a byte: header, sections, and how many entries and bytes
 * they claim. Chicory's parser believes such claims, and a file of 47 bytes can cost it the whole heap.
 *
 * @see <a href="https://webassembly.github.io/spec/core/binary/modules.html">binary format</a>
 */
final class ModuleFrame {

    private record Section(SectionKind kind, int start, int bodyStart, int end) {}

    private final byte[] wasm;
    private final List<Section> sections = new ArrayList<>();

    /** @throws PluginException {@link ErrorCode#PLUGIN_INVALID} with the place and the reason */
    ModuleFrame(byte[] wasm) {
        FileHeader.check(wasm);
        this.wasm = wasm;
        ModuleBytes in = new ModuleBytes(wasm, FileHeader.LENGTH, wasm.length, "the file");
        while (in.left() > 0) {
            int start = in.position();
            int id = in.readByte("section id");
            long length = in.readUnsigned("the length of section " + id);
            int bodyStart = in.position();
            if (id == SectionKind.CUSTOM) {
                in.skip(length, "the custom section");
                continue;
            }
            SectionKind kind = SectionKind.of(id)
                    .orElseThrow(() -> ModuleBytes.invalid("unknown section id " + id + " at byte " + start));
            in.skip(length, kind.words());
            add(new Section(kind, start, bodyStart, in.position()));
        }
    }

    private void add(Section section) {
        if (!sections.isEmpty()) {
            SectionKind last = sections.get(sections.size() - 1).kind();
            if (last == section.kind()) {
                throw ModuleBytes.invalid(section.kind().words() + " at byte " + section.start() + " is there twice");
            }
            if (last.compareTo(section.kind()) > 0) {
                throw ModuleBytes.invalid(
                        section.kind().words() + " at byte " + section.start() + " comes after " + last.words());
            }
        }
        checkBody(section);
        sections.add(section);
    }

    private void checkBody(Section section) {
        SectionKind kind = section.kind();
        if (!kind.isList()) {
            return;
        }
        ModuleBytes in = new ModuleBytes(wasm, section.bodyStart(), section.end(), kind.words());
        long count = in.readUnsigned("the number of entries");
        if (kind == SectionKind.MEMORY && count > kind.limit) {
            throw SectionBody.unsupported("multi-memory", "it declares " + count + " memories, at most 1 is possible");
        }
        if (count > in.left() || count > kind.limit) {
            throw ModuleBytes.invalid(kind.words() + " at byte " + section.start() + " claims " + count
                    + " entries; at most " + Math.min(in.left(), kind.limit) + " are possible here");
        }
        boolean readToItsEnd = true;
        switch (kind) {
            case MEMORY -> SectionBody.checkMemories(in, count);
            case CODE -> SectionBody.checkCode(in, count);
            case DATA -> SectionBody.checkData(in, count);
            default -> readToItsEnd = false;
        }
        if (readToItsEnd && in.left() > 0) {
            throw ModuleBytes.invalid(kind.words() + " has " + in.left() + " bytes too many at byte " + in.position());
        }
    }

    /** Returns the module without its custom sections: they mean nothing to a run and cost heap. */
    byte[] withoutCustomSections() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(wasm.length);
        out.write(wasm, 0, FileHeader.LENGTH);
        for (Section section : sections) {
            out.write(wasm, section.start(), section.end() - section.start());
        }
        return out.toByteArray();
    }

    /**
     * Returns the module without its code: each body is a single {@code unreachable}. The compiled classes are all that
     * runs, and decoded instructions take 26 times the room of the file.
     */
    byte[] withoutCode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(wasm, 0, FileHeader.LENGTH);
        for (Section section : sections) {
            if (section.kind() == SectionKind.CODE) {
                writeEmptyCode(out, section);
            } else {
                out.write(wasm, section.start(), section.end() - section.start());
            }
        }
        return out.toByteArray();
    }

    private void writeEmptyCode(ByteArrayOutputStream out, Section code) {
        ModuleBytes in =
                new ModuleBytes(wasm, code.bodyStart(), code.end(), code.kind().words());
        int count = (int) in.readUnsigned("the number of entries");
        byte[] body = {3, 0, 0x00, 0x0b};
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        writeUnsigned(content, count);
        for (int i = 0; i < count; i++) {
            content.writeBytes(body);
        }
        out.write(code.kind().id);
        writeUnsigned(out, content.size());
        out.writeBytes(content.toByteArray());
    }

    private static void writeUnsigned(ByteArrayOutputStream out, int value) {
        int rest = value;
        while (rest > 0x7f) {
            out.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }
}
