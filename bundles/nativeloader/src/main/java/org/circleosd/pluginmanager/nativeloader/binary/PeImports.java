package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.Locale;
import java.util.Map;

/** The import directories of a DLL: what is bound when it is loaded, and what when it is first called. */
final class PeImports {

    private static final int DESCRIPTOR_BYTES = 20;
    private static final int DELAYED_DESCRIPTOR_BYTES = 32;
    private static final long HINT_BYTES = 2;

    /** The functions of the socket library that programs import by number. */
    private static final Map<Integer, String> OF_WS2_32 =
            Map.of(1, "accept", 2, "bind", 4, "connect", 13, "listen", 23, "socket", 52, "gethostbyname");

    private final FileBytes bytes;
    private final PeSections sections;
    private int imported;

    PeImports(FileBytes bytes, PeSections sections) {
        this.bytes = bytes;
        this.sections = sections;
    }

    void tell(Findings findings, long address) {
        long next = address;
        while (true) {
            long descriptor = sections.place(next, DESCRIPTOR_BYTES);
            long name = bytes.unsignedInt(descriptor + 12);
            long bound = bytes.unsignedInt(descriptor + 16);
            if (name == 0 || bound == 0) {
                return;
            }
            // Old linkers leave the first table out, then the second holds the names until it is bound.
            long names = bytes.unsignedInt(descriptor);
            tellLibrary(findings, sections.text(name), names == 0 ? bound : names);
            next += DESCRIPTOR_BYTES;
        }
    }

    void tellDelayed(Findings findings, long address) {
        long next = address;
        while (true) {
            long descriptor = sections.place(next, DELAYED_DESCRIPTOR_BYTES);
            long name = bytes.unsignedInt(descriptor + 4);
            if (name == 0) {
                return;
            }
            tellLibrary(findings, sections.text(name), bytes.unsignedInt(descriptor + 16));
            next += DELAYED_DESCRIPTOR_BYTES;
        }
    }

    private void tellLibrary(Findings findings, String library, long names) {
        findings.needs(library);
        boolean sockets = library.toLowerCase(Locale.ROOT).equals("ws2_32.dll");
        for (long at = names; ; at += Long.BYTES) {
            long entry = bytes.longAt(sections.place(at, Long.BYTES));
            if (entry == 0) {
                return;
            }
            bytes.requireAtMost(FileBytes.MAX_SYMBOLS, ++imported, "imported functions");
            if (entry > 0) {
                findings.imports(sections.text((entry & 0x7fff_ffffL) + HINT_BYTES));
            } else if (sockets) {
                findings.imports(OF_WS2_32.getOrDefault((int) (entry & 0xffff), ""));
            }
        }
    }
}
