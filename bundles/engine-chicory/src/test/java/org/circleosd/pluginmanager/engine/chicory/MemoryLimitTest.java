package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;
import static org.circleosd.pluginmanager.engine.chicory.Modules.function;

import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryLimitTest {

    private static final int PAGE = 65536;

    @ParameterizedTest
    @CsvSource({"196608, 3", "262143, 3", "262144, 4", "999999999, 4"}) // the module itself declares at most 4 pages
    void memory_growsToTheSmallerOfLimitAndDeclarationAndNoFurther(long limit, int pages) {
        try (WasmInstance instance = Modules.compile("state").instantiate(List.of(), limit)) {
            assertThat(call(instance, "grow", pages - 1)).isEqualTo(1);
            assertThat((int) call(instance, "grow", 1)).isEqualTo(-1);
            assertThat((int) call(instance, "grow", -1)).isEqualTo(-1);
            assertThat((int) call(instance, "grow", Integer.MAX_VALUE)).isEqualTo(-1);

            assertThat(call(instance, "size")).isEqualTo(pages);
            function(instance, "poke").call(pages * PAGE - 1, 5);
            assertThat(call(instance, "peek", pages * PAGE - 1)).isEqualTo(5);
            failure(ErrorCode.PLUGIN_TRAP, () -> call(instance, "peek", pages * PAGE));
        }
    }

    @Test
    void growingPageByPage_keepsTheBytesAndGivesZeros() {
        FlatMemory memory = new FlatMemory(new MemoryLimits(0, 100), MemoryBudget.ofHeap());
        for (int page = 0; page < 100; page++) {
            assertThat(memory.grow(1)).isEqualTo(page);
            assertThat(memory.readLong(page * PAGE + PAGE - 8)).isZero();
            memory.writeI32(page * PAGE, page);
        }
        for (int page = 0; page < 100; page++) {
            assertThat(memory.readInt(page * PAGE)).isEqualTo(page);
        }
        assertThat(memory.grow(1)).isEqualTo(-1);
        assertThat(memory.size()).isEqualTo(100 * PAGE);
    }

    @Test
    void guestMemory_readsAndWritesLittleEndian() {
        GuestMemory memory = Modules.instantiate("state").memory().orElseThrow();

        memory.writeLong(8, 0x0807_0605_0403_0201L);
        memory.writeInt(16, 0x0c0b_0a09);
        memory.write(20, new byte[] {0, 13, 14, 0}, 1, 2);

        assertThat(memory.read(8, 14)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
        assertThat(memory.readInt(12)).isEqualTo(0x0807_0605);
        memory.write(0, new byte[] {-1}, 0, 1);
        assertThat(memory.readByte(0)).isEqualTo(255);
    }

    @ParameterizedTest
    @CsvSource({
        "65536, 1, 65536",
        "65533, 4, 65533",
        "-1, 1, 4294967295",
        "-4, 4, 4294967292",
        "0, 65537, 0",
        "0, -1, 0",
        "1, -1, 1",
        "-1, -1, 4294967295",
        "2147483647, 2147483647, 2147483647",
        "-2147483648, 0, 2147483648"
    })
    void rangeOutsideOfTheMemory_isATrapWithUnsignedNumbers(int address, int length, String shown) {
        GuestMemory memory = Modules.instantiate("state").memory().orElseThrow();
        byte[] source = new byte[8];

        PluginException thrown = failure(ErrorCode.PLUGIN_TRAP, () -> memory.read(address, length));
        assertThat(thrown).hasMessageContaining("out of bounds").hasMessageContaining("at " + shown + ",");
        failure(ErrorCode.PLUGIN_TRAP, () -> memory.write(address, source, 0, length));
    }

    @ParameterizedTest
    @CsvSource({"65533", "65536", "-1", "2147483647", "-2147483648"})
    void numberOutsideOfTheMemory_isATrap(int address) {
        GuestMemory memory = Modules.instantiate("state").memory().orElseThrow();

        failure(ErrorCode.PLUGIN_TRAP, () -> memory.readInt(address));
        failure(ErrorCode.PLUGIN_TRAP, () -> memory.writeInt(address, 1));
        failure(ErrorCode.PLUGIN_TRAP, () -> memory.writeLong(address, 1));
    }

    @Test
    void rangeAtTheVeryEnd_isInside() {
        GuestMemory memory = Modules.instantiate("state").memory().orElseThrow();

        assertThat(memory.read(PAGE, 0)).isEmpty();
        memory.writeInt(PAGE - 4, 7);
        assertThat(memory.readInt(PAGE - 4)).isEqualTo(7);
        assertThat(memory.readByte(PAGE - 1)).isZero();
    }

    @Test
    void guestMemory_followsAGrowth() {
        WasmInstance instance = Modules.instantiate("state");
        GuestMemory memory = instance.memory().orElseThrow();

        call(instance, "grow", 1);
        memory.writeInt(PAGE, 3);

        assertThat(memory.size()).isEqualTo(2 * PAGE);
        assertThat(call(instance, "peek", PAGE)).isEqualTo(3);
    }

    @Test
    void table_doesNotGrowPastItsDeclaration() {
        WasmInstance instance = Modules.instantiate("state");

        assertThat(call(instance, "growTable", 6)).isEqualTo(2);
        assertThat((int) call(instance, "growTable", 1)).isEqualTo(-1);
        assertThat(call(instance, "tableSize")).isEqualTo(8);
    }
}
