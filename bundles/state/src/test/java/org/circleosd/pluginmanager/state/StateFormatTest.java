package org.circleosd.pluginmanager.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.junit.jupiter.api.Test;

class StateFormatTest {

    private static final Entries ENTRIES = Entries.NONE.with(List.of(
            new Change("plugins", "hello", "{\"path\":\"/x\"}".getBytes(UTF_8)),
            new Change("plugins", "upper", new byte[0]),
            new Change("kv", "k".repeat(255), new byte[] {0, -1, 127})));

    @Test
    void whatWasWritten_isRead() throws DamagedStateException {
        Entries read = StateFormat.decode(StateFormat.encode(ENTRIES));

        assertThat(read.bucket("plugins")).containsOnlyKeys("hello", "upper");
        assertThat(read.bucket("kv").get("k".repeat(255))).containsExactly(0, -1, 127);
        assertThat(read.bucket("none")).isEmpty();
    }

    @Test
    void fileCutAtAnyByte_isDamaged() {
        byte[] file = StateFormat.encode(ENTRIES);
        for (int length = 0; length < file.length; length++) {
            assertDamaged(Arrays.copyOf(file, length));
        }
    }

    @Test
    void anyFlippedBit_isDamage() {
        byte[] file = StateFormat.encode(ENTRIES);
        for (int bit = 0; bit < file.length * 8; bit++) {
            byte[] flipped = file.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertDamaged(flipped);
        }
    }

    @Test
    void zeroesInAnyPlace_areDamage() {
        byte[] file = StateFormat.encode(ENTRIES);
        assertDamaged(new byte[file.length]);
        for (int from = 0; from + 8 <= file.length; from += 8) {
            byte[] zeroed = file.clone();
            Arrays.fill(zeroed, from, from + 8, (byte) 0);
            assertDamaged(zeroed);
        }
    }

    @Test
    void textAfterTheEnd_isDamage() {
        byte[] file = StateFormat.encode(ENTRIES);
        assertDamaged(Arrays.copyOf(file, file.length + 1));
    }

    @Test
    void rightChecksumOverWrongLengths_isDamage() {
        byte[] file = StateFormat.encode(Entries.NONE.with(List.of(new Change("b", "k", new byte[] {1}))));
        int countAt = 12;
        int valueLengthAt = 20;
        for (int at : new int[] {countAt, valueLengthAt}) {
            for (int value : new int[] {-1, 0, 2, Integer.MAX_VALUE}) {
                byte[] wrong = file.clone();
                ByteBuffer.wrap(wrong).putInt(at, value);
                assertDamaged(withChecksum(wrong));
            }
        }
    }

    @Test
    void newerFormat_isRefusedByItsNumber() {
        byte[] file = StateFormat.encode(ENTRIES);
        ByteBuffer.wrap(file).putInt(8, 2);

        assertThatExceptionOfType(DamagedStateException.class)
                .isThrownBy(() -> StateFormat.decode(withChecksum(file)))
                .withMessage("it has format 2; this version reads format 1");
    }

    private static byte[] withChecksum(byte[] file) {
        CRC32C crc = new CRC32C();
        crc.update(file, 0, file.length - 4);
        ByteBuffer.wrap(file).putInt(file.length - 4, (int) crc.getValue());
        return file;
    }

    private static void assertDamaged(byte[] file) {
        assertThatExceptionOfType(DamagedStateException.class).isThrownBy(() -> StateFormat.decode(file));
    }
}
