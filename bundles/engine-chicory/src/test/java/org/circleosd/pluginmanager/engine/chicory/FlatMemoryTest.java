package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlatMemoryTest {

    private static final int PAGE = 65_536;

    private final FlatMemory memory = new FlatMemory(new MemoryLimits(1, 2_000), new MemoryBudget(1L << 30));

    /** 700 pages are more than growing may copy: the array has room then. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 20, 700})
    void access_endsWhereTheMemoryEnds(int growths) {
        for (int i = 0; i < growths; i++) {
            memory.writeI32(memory.size() - 4, i);
            assertThat(memory.grow(1)).isEqualTo(i + 1);
        }
        int size = (growths + 1) * PAGE;
        assertThat(memory.size()).isEqualTo(size);
        for (int i = 0; i < growths; i++) {
            assertThat(memory.readInt((i + 1) * PAGE - 4)).isEqualTo(i);
        }
        assertThat(memory.readInt(size - 4)).isZero();

        assertEnd(size, 1, at -> memory.writeByte(at, (byte) 1));
        assertEnd(size, 1, memory::read);
        assertEnd(size, 2, at -> memory.writeShort(at, (short) 1));
        assertEnd(size, 2, memory::readShort);
        assertEnd(size, 4, at -> memory.writeI32(at, 1));
        assertEnd(size, 4, memory::readInt);
        assertEnd(size, 4, at -> memory.writeF32(at, 1));
        assertEnd(size, 4, memory::readFloat);
        assertEnd(size, 8, at -> memory.writeLong(at, 1));
        assertEnd(size, 8, memory::readLong);
        assertEnd(size, 8, at -> memory.writeF64(at, 1));
        assertEnd(size, 8, memory::readDouble);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 700})
    void restoredMemory_isAsLongAsItWas(int growths) {
        memory.writeI32(16, 7);
        FlatMemory.Image image = memory.capture();
        for (int i = 0; i < growths; i++) {
            assertThat(memory.grow(1)).isPositive();
        }
        memory.writeI32(16, 8);
        image.restore();
        assertThat(memory.size()).isEqualTo(PAGE);
        assertThat(memory.readInt(16)).isEqualTo(7);
        assertEnd(PAGE, 4, memory::readInt);
        assertThat(memory.grow(1)).isEqualTo(1);
        assertThat(memory.readInt(PAGE)).isZero();
    }

    private static void assertEnd(int size, int width, IntConsumer access) {
        access.accept(size - width);
        for (int outside : List.of(size - width + 1, size, size + 4096, Integer.MAX_VALUE, -width, -1)) {
            assertThatExceptionOfType(WasmRuntimeException.class)
                    .isThrownBy(() -> access.accept(outside))
                    .withMessage("out of bounds memory access: " + width + " bytes at "
                            + Integer.toUnsignedString(outside) + ", the memory has " + size + " bytes");
        }
    }
}
