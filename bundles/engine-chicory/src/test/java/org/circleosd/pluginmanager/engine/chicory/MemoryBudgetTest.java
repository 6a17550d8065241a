package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.dylibso.chicory.wasm.types.MemoryLimits;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class MemoryBudgetTest {

    private static final int PAGE = 65_536;

    private final MemoryBudget budget = new MemoryBudget(10 * PAGE);

    @Test
    void memoryAboveTheBudget_isRefusedBeforeItIsAllocated() {
        FlatMemory first = memory(6);
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> memory(5))
                .withMessageContaining("393216")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.OUT_OF_MEMORY);
        first.release();
        assertThat(memory(5).pages()).isEqualTo(5);
    }

    @Test
    void growthAboveTheBudget_failsInTheGuest() {
        memory(4);
        FlatMemory growing = memory(1);
        assertThat(growing.grow(3)).isEqualTo(1);
        assertThat(growing.grow(5)).isEqualTo(-1);
        assertThat(growing.pages()).isEqualTo(4);
    }

    @Test
    void releasedMemory_givesBackEverything() {
        FlatMemory memory = memory(2);
        FlatMemory.Image image = memory.capture();
        memory.grow(3);
        image.restore();
        memory.grow(1);
        memory.release();
        assertThat(budget.used()).isZero();
    }

    @Test
    @Timeout(60)
    void forgottenMemory_givesBackEverything() {
        memory(10);
        while (budget.used() > 0) {
            System.gc();
        }
        assertThat(memory(10).pages()).isEqualTo(10);
    }

    @Test
    void restoredMemory_keepsNoLargeRoom() {
        MemoryBudget large = new MemoryBudget(1_000L * PAGE);
        FlatMemory memory = new FlatMemory(new MemoryLimits(1, 500), large);
        FlatMemory.Image image = memory.capture();
        memory.grow(400);
        memory.writeI32(300 * PAGE, 7);
        image.restore();
        assertThat(large.used()).isEqualTo(2L * PAGE);
        memory.grow(400);
        assertThat(memory.readInt(300 * PAGE)).isZero();
    }

    @Test
    void emptyMemories_costNoThreads() {
        long before = cleanerThreads();
        for (int i = 0; i < 100; i++) {
            assertThat(LinearMemory.empty().size()).isZero();
        }
        assertThat(cleanerThreads()).isEqualTo(before);
    }

    private static long cleanerThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("Cleaner-"))
                .count();
    }

    private FlatMemory memory(int pages) {
        return new FlatMemory(new MemoryLimits(pages, 100), budget);
    }
}
