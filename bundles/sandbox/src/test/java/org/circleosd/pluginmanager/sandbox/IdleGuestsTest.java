package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmExport;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.sandbox.module.ModuleInterface;
import org.circleosd.pluginmanager.sandbox.services.PluginServices;
import org.circleosd.pluginmanager.sandbox.wasi.WasiSettings;
import org.junit.jupiter.api.Test;

class IdleGuestsTest {

    private final IdleGuests idleGuests = new IdleGuests();
    private final TightModule module = new TightModule(2);
    private final GuestFactory factory = new GuestFactory(
            Linkage.of(
                    new LinkedCode(() -> module, new ModuleInterface(List.of(), List.of(), 0)),
                    Map.of(),
                    new HostFunctions(Duration.ZERO),
                    "tight",
                    /* extism */ false),
            WasiSettings.ofName("tight"),
            PluginServices.of(new TestContext(text -> {}), List.of(), InvocationLimits.DEFAULT),
            /* extism */ null,
            InvocationLimits.DEFAULT,
            text -> {},
            idleGuests);
    private final PooledInstances first = new PooledInstances(factory, 2, idleGuests);
    private final PooledInstances second = new PooledInstances(factory, 2, idleGuests);

    @Test
    void noMemoryLeft_idleGuestsOfOtherPluginsGiveWay() {
        Guest one = first.take();
        Guest two = first.take();
        first.giveBack(one, true);
        first.giveBack(two, true);
        assertThat(second.take()).isNotNull();
        assertThat(module.open).hasSize(1);
    }

    @Test
    void noMemoryLeftAndNobodyIdle_isOutOfMemory() {
        first.take();
        first.take();
        Failures.assertFails(ErrorCode.OUT_OF_MEMORY, second::take);
    }

    /** Has room for a number of instances. */
    private static final class TightModule implements WasmModule {

        private final int room;
        private final List<WasmInstance> open = new ArrayList<>();

        TightModule(int room) {
            this.room = room;
        }

        @Override
        public List<WasmImport> imports() {
            return List.of();
        }

        @Override
        public List<WasmExport> exports() {
            return List.of();
        }

        @Override
        public int functionCount() {
            return 0;
        }

        @Override
        public int compiledCount() {
            return 0;
        }

        @Override
        public WasmInstance instantiate(
                List<ImportedFunction> imports, Map<String, WasmInstance> modules, long memoryBytes) {
            if (open.size() == room) {
                throw new PluginException(ErrorCode.OUT_OF_MEMORY, "no room");
            }
            WasmInstance instance = new WasmInstance() {
                @Override
                public Optional<WasmFunction> function(String name) {
                    return Optional.empty();
                }

                @Override
                public Optional<GuestMemory> memory() {
                    return Optional.empty();
                }

                @Override
                public void capture() {}

                @Override
                public boolean restore() {
                    return true;
                }

                @Override
                public void close() {
                    open.remove(this);
                }
            };
            open.add(instance);
            return instance;
        }

        @Override
        public void close() {}
    }
}
