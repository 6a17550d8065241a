package org.circleosd.pluginmanager.nativeloader.binary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** ELF files whose every number is right and which no linker makes: they are made to cost the reader dear. */
@Timeout(60)
class HostileElfTest {

    private static final int HEADER = 64;
    private static final int DYNAMIC = HEADER + 2 * 56;
    private static final int HASH = DYNAMIC + 8 * 16;
    private static final int SYMBOLS = HASH + 16;

    @Test
    void plainFile_isRead() {
        byte[] names = "\0first\0second\0".getBytes(StandardCharsets.UTF_8);
        assertThat(read(file(3, names, i -> i == 1 ? 1 : 7)).symbols().shown()).isEqualTo("first, second");
    }

    @Test
    void namesThatShareTheirEnds_costNoMoreThanALargeLibrary() {
        byte[] names = new byte[1 << 20];
        Arrays.fill(names, 0, names.length - 1, (byte) 'a');
        byte[] file = file(1000, names, i -> i);
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> read(file))
                .withMessageMatching("x: damaged: its names are longer than \\d+ bytes");
    }

    @Test
    void moreSymbolsThanALibraryHas_areNotRead() {
        byte[] file = file(600_000, new byte[] {0, 'a', 0}, i -> 1);
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> read(file))
                .withMessage("x: damaged: 600000 symbols; a library has at most 524288");
    }

    @Test
    void nameWithoutEnd_isRefused() {
        byte[] file = file(2, new byte[] {0, 'a', 'a'}, i -> 1);
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> read(file))
                .withMessage("x: damaged: a name without end");
    }

    private interface NameOf {
        int index(int symbol);
    }

    /** One segment that holds all, a dynamic section, and functions whose names lie where the caller says. */
    private static byte[] file(int symbols, byte[] names, NameOf nameOf) {
        int namesAt = SYMBOLS + symbols * 24;
        int length = namesAt + names.length;
        ByteBuffer file = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0x464c457f).put((byte) 2).put((byte) 1).put((byte) 1);
        file.putShort(16, (short) 3).putShort(18, (short) 62).putLong(32, HEADER);
        file.putShort(54, (short) 56).putShort(56, (short) 2);
        file.putInt(HEADER, 1)
                .putInt(HEADER + 4, 5)
                .putLong(HEADER + 32, length)
                .putLong(HEADER + 40, length);
        int dynamic = HEADER + 56;
        file.putInt(dynamic, 2).putLong(dynamic + 8, DYNAMIC).putLong(dynamic + 32, HASH - DYNAMIC);
        long[] entries = {4, HASH, 5, namesAt, 6, SYMBOLS, 10, names.length};
        for (int i = 0; i < entries.length; i++) {
            file.putLong(DYNAMIC + i * 8, entries[i]);
        }
        file.putInt(HASH + 4, symbols);
        for (int i = 1; i < symbols; i++) {
            int symbol = SYMBOLS + i * 24;
            file.putInt(symbol, nameOf.index(i)).put(symbol + 4, (byte) 0x12).putShort(symbol + 6, (short) 1);
        }
        file.put(namesAt, names);
        return file.array();
    }

    private static LibraryFile read(byte[] content) {
        return new BinaryCheck(Optional.of(BinaryCheckTest.LINUX)).read("x", ByteBuffer.wrap(content));
    }
}
