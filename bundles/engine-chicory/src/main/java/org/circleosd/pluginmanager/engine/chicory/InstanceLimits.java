package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.TableSection;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** What one instance may allocate, held against what its module declares. */
final class InstanceLimits {

    /** Largest table, in entries of 8 to 12 bytes of Java heap. Real plugins have some thousand functions in theirs. */
    static final int TABLE_ENTRIES = 100_000;

    private InstanceLimits() {}

    /**
     * Returns the limits of the module's memory; of nothing if it has none.
     *
     * @throws PluginException {@link ErrorCode#LIMIT_EXCEEDED} if it starts above the limit
     */
    static MemoryLimits memory(WasmModule module, long limitBytes) {
        MemorySection section = module.memorySection().orElse(null);
        if (section == null || section.memoryCount() == 0) {
            return new MemoryLimits(0, 0);
        }
        MemoryLimits declared = section.getMemory(0).limits();
        long allowedPages = Math.min(limitBytes / Memory.PAGE_SIZE, Memory.RUNTIME_MAX_PAGES);
        if (declared.initialPages() > allowedPages) {
            throw new PluginException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "the module declares a memory of at least " + bytes(declared.initialPages())
                            + " bytes, its limit is " + Math.min(limitBytes, bytes(Memory.RUNTIME_MAX_PAGES)));
        }
        return new MemoryLimits(declared.initialPages(), (int) Math.min(declared.maximumPages(), allowedPages));
    }

    private static long bytes(int pages) {
        return (long) pages * Memory.PAGE_SIZE;
    }

    /** @throws PluginException {@link ErrorCode#LIMIT_EXCEEDED} if a table starts above the limit */
    static void checkTables(TableSection tables) {
        for (int i = 0; i < tables.tableCount(); i++) {
            long declared = tables.getTable(i).limits().min();
            if (declared > TABLE_ENTRIES) {
                throw new PluginException(
                        ErrorCode.LIMIT_EXCEEDED,
                        "the module declares a table of at least " + declared + " entries, the limit is "
                                + TABLE_ENTRIES);
            }
        }
    }

    /** Makes a table with limits of its own: Chicory's {@code table.grow} raises the minimum that the module holds. */
    static TableSlots table(Table declared) {
        TableLimits limits = declared.limits();
        return new TableSlots(
                declared.elementType(), new TableLimits(limits.min(), Math.min(limits.max(), TABLE_ENTRIES)));
    }
}
