package org.circleosd.pluginmanager.sandbox.extism;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlocksTest {

    private static final int LIMIT = 1 << 20;

    private final MemoryAllowance allowance = new MemoryAllowance(LIMIT);
    private final Blocks blocks = new Blocks(LIMIT, allowance);

    /** Any order of calls: each block keeps its own bytes, and no other. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void blocks_doNotTouchEachOther(long seed) {
        Random random = new Random(seed);
        Map<Long, byte[]> expected = new HashMap<>();
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            int length = 1 + (random.nextInt(10) == 0 ? random.nextInt(60_000) : random.nextInt(100));
            if (handles.isEmpty() || random.nextInt(100) < 55) {
                long handle = blocks.alloc(length);
                if (handle != 0) {
                    assertThat(expected).doesNotContainKey(handle);
                    assertThat(blocks.read(handle)).isEqualTo(new byte[length]);
                    expected.put(handle, new byte[length]);
                    handles.add(handle);
                    fill(handle, expected.get(handle), random);
                }
            } else {
                int at = random.nextInt(handles.size());
                long handle = handles.get(at);
                handles.set(at, handles.get(handles.size() - 1));
                handles.remove(handles.size() - 1);
                assertThat(blocks.read(handle)).isEqualTo(expected.remove(handle));
                blocks.free(handle);
                assertThat(blocks.length(handle)).isZero();
            }
        }
        expected.forEach((handle, bytes) -> assertThat(blocks.read(handle)).isEqualTo(bytes));
    }

    private void fill(long handle, byte[] bytes, Random random) {
        random.nextBytes(bytes);
        int at = 0;
        // The last store reaches beyond the end.
        for (; at < bytes.length; at += Long.BYTES) {
            long word = 0;
            for (int i = 0; i < Long.BYTES; i++) {
                byte next = at + i < bytes.length ? bytes[at + i] : (byte) 0xff;
                word |= (next & 0xffL) << (i * Byte.SIZE);
            }
            blocks.store64(handle + at, word);
        }
    }

    @Test
    void everyByte_canBeReadBothWays() {
        long handle = blocks.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
        blocks.alloc(50);
        for (int i = -20; i < 40; i++) {
            int expected = i >= 0 && i < 11 ? i + 1 : 0;
            assertThat(blocks.load8(handle + i)).isEqualTo(expected);
            assertThat(blocks.load64(handle + i) & 0xff).isEqualTo(expected);
        }
        assertThat(blocks.load64(handle + 2)).isEqualTo(0x0a09080706050403L);
        assertThat(blocks.load64(handle + 9)).isEqualTo(0x0b0aL);
    }

    @Test
    void freedNeighbours_becomeOneRoom() {
        List<Long> handles = new ArrayList<>();
        for (long handle = blocks.alloc(1000); handle != 0; handle = blocks.alloc(1000)) {
            handles.add(handle);
        }
        assertThat(handles).hasSizeGreaterThan(1000);
        for (int i = 100; i < 300; i++) {
            blocks.free(handles.get(i));
        }
        long large = blocks.alloc(150_000);
        assertThat(large).isEqualTo(handles.get(100));
        // What is left of the room can be used as well.
        assertThat(blocks.alloc(40_000)).isGreaterThan(large);
        assertThat(blocks.alloc(40_000)).isZero();
        assertThat(blocks.length(handles.get(99))).isEqualTo(1000);
        assertThat(blocks.length(handles.get(300))).isEqualTo(1000);
    }

    @Test
    void release_givesBackWhatTheCallTook() {
        blocks.alloc(LIMIT / 2);
        assertThat(allowance.used()).isPositive();
        blocks.release();
        assertThat(allowance.used()).isZero();
        long handle = blocks.write(new byte[] {7});
        assertThat(blocks.read(handle)).containsExactly(7);
        assertThat(allowance.used()).isZero();
    }

    @Test
    void newBlock_showsNothingOfAnEarlierCall() {
        byte[] secret = new byte[3000];
        Arrays.fill(secret, (byte) 's');
        blocks.write(secret);
        blocks.reset();
        assertThat(blocks.read(blocks.alloc(3000))).isEqualTo(new byte[3000]);
    }

    @Test
    void allowanceOfAll_boundsEachPlugin() {
        Blocks other = new Blocks(LIMIT, allowance);
        assertThat(blocks.alloc(700_000)).isNotZero();
        assertThat(other.alloc(700_000)).isZero();
        blocks.release();
        assertThat(other.alloc(700_000)).isNotZero();
        other.release();
        assertThat(allowance.used()).isZero();
    }

    @Test
    void manyBlocks_countWithTheirBooks() {
        int count = 0;
        while (blocks.alloc(1) != 0) {
            count++;
        }
        // Each takes 16 bytes, and 16 in the table.
        assertThat(count).isBetween(LIMIT / 32 - 10, LIMIT / 32);
    }
}
