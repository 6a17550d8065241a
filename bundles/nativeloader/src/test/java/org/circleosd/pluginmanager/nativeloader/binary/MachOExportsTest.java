package org.circleosd.pluginmanager.nativeloader.binary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Trees of exports as no linker makes them. */
@Timeout(60)
class MachOExportsTest {

    /** Lies within the only section, which holds code. */
    private static final int CODE = 200;

    private static final int NODE_BYTES = 11;
    private static final int REEXPORT = 8;

    @Test
    void chainOfExports_isOneOfNamesEachLongerThanTheLast() {
        assertThat(exports(chain(4))).isEqualTo("f, ff, fff");
    }

    @Test
    void namesThatShareTheirBeginnings_costNoMoreThanALargeLibrary() {
        assertRefused(chain(20_000), "bytes of exported names; a library has at most");
    }

    @Test
    void treeThatIsACircle_isRefused() {
        byte[] circle = chain(3);
        circle[2 * NODE_BYTES + 4] = 1;
        circle[2 * NODE_BYTES + 7] = (byte) 0x80;
        assertRefused(circle, "its exports are no tree of names");
    }

    @Test
    void edgeWithoutAText_isRefused() {
        assertRefused(new byte[] {0, 1, 0, 3, 0, 0}, "its exports are no tree of names");
    }

    @Test
    void edgeThatLeadsOut_isRefused() {
        assertRefused(new byte[] {0, 1, 'a', 0, 100}, "truncated or damaged: an export");
    }

    @Test
    void numberWithoutEnd_isRefused() {
        byte[] number = new byte[20];
        Arrays.fill(number, (byte) 0x80);
        assertRefused(number, "a number of its exports is too long");
    }

    /** Each node but the first, which only passes on, exports the name so far; the next has one more letter. */
    private static byte[] chain(int nodes) {
        ByteArrayOutputStream tree = new ByteArrayOutputStream();
        for (int i = 0; i < nodes; i++) {
            int next = (i + 1) * NODE_BYTES;
            // 3 bytes: a kind of export, and its address.
            tree.writeBytes(new byte[] {3, (byte) (i == 0 ? REEXPORT : 0), (byte) (0x80 | (CODE & 0x7f)), CODE >> 7});
            tree.writeBytes(new byte[] {1, 'f', 0});
            tree.writeBytes(new byte[] {
                (byte) (0x80 | (next & 0x7f)),
                (byte) (0x80 | (next >> 7 & 0x7f)),
                (byte) (0x80 | (next >> 14 & 0x7f)),
                (byte) (next >> 21)
            });
        }
        // The last one has no more edges.
        byte[] bytes = tree.toByteArray();
        bytes[(nodes - 1) * NODE_BYTES + 4] = 0;
        return bytes;
    }

    private static String exports(byte[] tree) {
        Findings findings = new Findings(bytes(tree), "");
        new MachOExports(bytes(tree), codeEverywhere()).tell(findings);
        return findings.result().symbols().shown();
    }

    /** A segment at the start of the file with one section, which holds code. */
    private static MachOSections codeEverywhere() {
        ByteBuffer command = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        command.putInt(0, 0x19).putInt(4, 152).putLong(48, 1024).putInt(64, 1);
        command.put(8, "__TEXT".getBytes(StandardCharsets.US_ASCII));
        command.putLong(72 + 40, 1024).putInt(72 + 64, 0x8000_0000);
        FileBytes file = bytes(command.array());
        MachOSections sections = new MachOSections(file, new Findings(file, ""));
        sections.readSegment(0, 152);
        return sections;
    }

    private static void assertRefused(byte[] tree, String message) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> exports(tree))
                .withMessageContaining(message);
    }

    private static FileBytes bytes(byte[] content) {
        return new FileBytes("x", ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN));
    }
}
