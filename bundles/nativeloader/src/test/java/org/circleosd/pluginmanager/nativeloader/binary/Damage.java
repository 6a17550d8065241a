package org.circleosd.pluginmanager.nativeloader.binary;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** Cuts and changes a good file in many ways: each has to give an answer or a {@link PluginException}. */
final class Damage {

    private static final Set<ErrorCode> LOAD_CODES = Set.of(ErrorCode.PLUGIN_INVALID, ErrorCode.INCOMPATIBLE);

    private final byte[] file;
    private final BinaryCheck check;
    private int refused;

    Damage(byte[] file, LibraryMachine machine) {
        this.file = file;
        this.check = new BinaryCheck(Optional.of(machine));
    }

    /** What a cut file still says has to be the truth: then the loader does not need the rest. */
    void cutEverywhere() {
        LibraryFile whole = check.read("x", ByteBuffer.wrap(file));
        for (int length = 0; length < file.length; length++) {
            LibraryFile found = read(Arrays.copyOf(file, length));
            if (found != null) {
                assertThat(found.details()).as("cut at %s", length).isEqualTo(whole.details());
            }
        }
        assertThat(refused).isGreaterThan(file.length / 2);
    }

    void changeRandomBytes(int rounds) {
        Random random = new Random(20_26);
        for (int round = 0; round < rounds; round++) {
            byte[] damaged = file.clone();
            int changes = 1 + random.nextInt(4);
            for (int i = 0; i < changes; i++) {
                // Mostly where the structure is: the headers and the tables at the start.
                int at = random.nextInt(random.nextInt(4) == 0 ? damaged.length : Math.min(2048, damaged.length));
                damaged[at] = (byte) random.nextInt(256);
            }
            read(damaged);
        }
        assertThat(refused).isPositive();
    }

    void writeHugeNumbersEverywhere() {
        byte[] damaged = file.clone();
        ByteBuffer fields = ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN);
        long[] values = {-1, Long.MAX_VALUE, Long.MIN_VALUE, 0xffffffffL, 0x7fffffffL, 0x80000000L, file.length};
        for (int at = 0; at < file.length - Long.BYTES; at += 4) {
            for (long value : values) {
                fields.putLong(at, value);
                read(damaged);
                fields.put(at + 4, file, at + 4, 4);
                read(damaged);
                fields.put(at, file, at, 4);
            }
        }
        assertThat(refused).isPositive();
    }

    private LibraryFile read(byte[] damaged) {
        try {
            return check.read("x", ByteBuffer.wrap(damaged));
        } catch (PluginException e) {
            assertThat(LOAD_CODES).contains(e.code());
            refused++;
            return null;
        }
    }
}
