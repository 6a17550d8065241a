package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginType;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DependenciesTest {

    @TempDir
    Path dir;

    @AutoClose
    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.open(dir);
    }

    /** Makes a plugin whose manifest has these lines after its name. */
    private Path plugin(String name, String... lines) throws IOException {
        Files.writeString(dir.resolve(name + ".json"), name + "\n" + String.join("\n", lines));
        return host.file(name + ".wasm");
    }

    private PluginInfo load(String name, String... lines) throws IOException {
        return host.plugins.load(LoadRequest.of(plugin(name, lines)));
    }

    private PluginInfo upgrade(String id, boolean force, String... lines) throws IOException {
        Path file = plugin(id, lines);
        return host.plugins.change(
                new PluginId(id), slot -> host.plugins.upgrades().upgrade(slot, LoadRequest.of(file), force));
    }

    private void unload(String id, boolean force) {
        host.plugins.unload(new PluginId(id), force);
    }

    private PluginInfo info(String id) {
        return host.plugins.set().get(new PluginId(id)).status().info();
    }

    private void await(String id, PluginState state) {
        while (info(id).state() != state) {
            assertThat(Thread.currentThread().isInterrupted())
                    .as("%s is %s", id, info(id))
                    .isFalse();
            Thread.onSpinWait();
        }
    }

    private static AbstractStringAssert<?> assertRefused(ErrorCode code, ThrowingCallable work) {
        var failure = assertThatExceptionOfType(PluginException.class).isThrownBy(work);
        failure.extracting(PluginException::code).isEqualTo(code);
        return failure.extracting(PluginException::getMessage, InstanceOfAssertFactories.STRING);
    }

    @Test
    void pluginWithWhatItNeeds_isLoaded() throws IOException {
        load("store", "version 1.4");
        PluginInfo shop = load("shop", "needs store ^1.2");
        assertThat(shop.state()).isEqualTo(PluginState.ACTIVE);
        assertThat(shop.details()).containsEntry("needs", "store ^1.2");
    }

    @Test
    void pluginWithoutWhatItNeeds_isRefusedWithWhatWasFound() throws IOException {
        assertRefused(ErrorCode.DEPENDENCY_MISSING, () -> load("shop", "needs store ^1.2"))
                .isEqualTo("plugin 'shop' needs plugin 'store' ^1.2, which is not loaded; load it first");
        load("store", "version 2.0");
        assertRefused(ErrorCode.DEPENDENCY_MISSING, () -> load("shop", "needs store ^1.2"))
                .isEqualTo("plugin 'shop' needs plugin 'store' ^1.2; version 2.0 is loaded");
        host.plugins.change(new PluginId("store"), host.plugins.switches()::disable);
        assertRefused(ErrorCode.DEPENDENCY_MISSING, () -> load("shop", "needs store 2"))
                .contains("which is disabled; enable it first");
        assertThat(host.plugins.set().list()).hasSize(1);
        assertThat(host.storedImages()).hasSize(1);
    }

    @Test
    void pluginThatNeedsItself_isACircle() {
        assertRefused(ErrorCode.DEPENDENCY_CYCLE, () -> load("shop", "needs shop 1"))
                .isEqualTo("plugins need each other in a circle: shop -> shop");
    }

    @Test
    void upgradeThatClosesACircle_isRefused() throws IOException {
        load("a", "version 1.0");
        load("b", "needs a 1");
        load("c", "needs b 1");
        assertRefused(ErrorCode.DEPENDENCY_CYCLE, () -> upgrade("a", true, "needs c 1"))
                .isEqualTo("plugins need each other in a circle: a -> c -> b -> a");
        assertRefused(ErrorCode.DEPENDENCY_CYCLE, () -> upgrade("a", true, "needs b 1"))
                .isEqualTo("plugins need each other in a circle: a -> b -> a");
        assertThat(info("a").state()).isEqualTo(PluginState.ACTIVE);
    }

    @Test
    void neededPlugin_staysUnlessForced() throws IOException {
        load("store");
        load("shop", "needs store 1.0");
        load("bank", "needs store 0");
        assertRefused(ErrorCode.IN_USE, () -> unload("store", false))
                .startsWith("plugin 'store' is needed by 'bank' (0), 'shop' (1.0); unload or disable");
        assertRefused(
                ErrorCode.IN_USE, () -> host.plugins.change(new PluginId("store"), host.plugins.switches()::disable));
        assertThat(info("store").state()).isEqualTo(PluginState.ACTIVE);

        unload("store", true);

        await("shop", PluginState.FAILED);
        await("bank", PluginState.FAILED);
        assertThat(info("shop").reason())
                .isEqualTo("plugin 'shop' needs plugin 'store' 1.0, which is not loaded; load it first");
        while (host.runtime.open.get() > 0) { // what was closed says so before its calls have ended
            Thread.onSpinWait();
        }
        load("store");
        await("shop", PluginState.ACTIVE);
        await("bank", PluginState.ACTIVE);
        unload("shop", false);
        unload("bank", false);
        unload("store", false);
    }

    @Test
    void disabledOrFailedDependant_holdsNobody() throws IOException {
        load("store");
        load("shop", "needs store 1.0");
        host.plugins.change(new PluginId("shop"), host.plugins.switches()::disable);
        unload("store", false);
        assertRefused(
                ErrorCode.DEPENDENCY_MISSING,
                () -> host.plugins.change(new PluginId("shop"), host.plugins.switches()::enable));
        assertThat(info("shop").state()).isEqualTo(PluginState.DISABLED);
    }

    @Test
    void upgradeOutOfADependantsRange_isRefusedUnlessForced() throws IOException {
        load("store", "version 1.0");
        load("shop", "needs store ^1.0");
        upgrade("store", false, "version 1.5");
        assertRefused(ErrorCode.IN_USE, () -> upgrade("store", false, "version 2.0"))
                .startsWith("plugin 'shop' needs plugin 'store' ^1.0, and this is version 2.0; upgrade or unload");
        assertThat(info("store").version()).isEqualTo("1.5");

        upgrade("store", true, "version 2.0");

        await("shop", PluginState.FAILED);
        assertThat(info("shop").reason()).contains("version 2.0 is loaded");
        upgrade("store", false, "version 2.1"); // breaks nobody who was not broken
        upgrade("shop", false, "needs store ^2.0");
        assertThat(info("shop").state()).isEqualTo(PluginState.ACTIVE);
    }

    @Test
    void rollbackToAVersionThatADependantCanWorkWith_bringsItBack() throws IOException {
        load("store", "version 1.0");
        load("shop", "needs store ^1.0");
        upgrade("store", true, "version 2.0");
        await("shop", PluginState.FAILED);

        host.plugins.change(new PluginId("store"), host.plugins.upgrades()::rollback);

        await("shop", PluginState.ACTIVE);
    }

    @Test
    void start_opensWhatIsNeededFirst() throws IOException {
        load("z-first");
        load("m-second", "needs z-first 1.0");
        load("a-third", "needs m-second 1.0", "needs z-first 1.0");
        host.runtime.contexts.clear();

        host.reopen();
        await("a-third", PluginState.ACTIVE);

        assertThat(host.runtime.contexts)
                .extracting(context -> context.id().value())
                .containsExactly("z-first", "m-second", "a-third");
    }

    @Test
    void startWithOneThatFails_failsThoseThatNeedItAndBringsThemBack() throws IOException {
        load("store");
        load("shop", "needs store 1.0");
        load("other");
        host.plugins.close();
        host.start(TestHost.LONG);
        host.runtime.refuses = "store";

        host.open();

        await("shop", PluginState.FAILED);
        assertThat(info("shop").reason()).isEqualTo("plugin 'shop' needs plugin 'store' 1.0, which failed: no plugin");
        await("other", PluginState.ACTIVE);
        host.runtime.refuses = "";
        host.plugins.change(new PluginId("store"), host.plugins.switches()::enable);
        await("shop", PluginState.ACTIVE);
    }

    @Test
    void runtimeThatIsReplaced_bringsAllBackInTheirOrder() throws IOException {
        load("z-first");
        load("a-second", "needs z-first 1.0");
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        Fakes.EchoRuntime next = new Fakes.EchoRuntime("r2");

        host.plugins.bindRuntime(PluginType.WASM, next, 0);

        await("a-second", PluginState.ACTIVE);
        assertThat(next.contexts).extracting(context -> context.id().value()).containsExactly("z-first", "a-second");
    }

    @Test
    void whatFailsByItself_isNotBroughtBackByOthers() throws IOException {
        load("store");
        load("shop", "needs store 1.0");
        PluginSlot slot = host.plugins.set().get(new PluginId("shop"));
        slot.lock.lock();
        try {
            slot.fail("it is broken").close(TestHost.LONG);
        } finally {
            slot.lock.unlock();
        }

        load("other");
        unload("other", false);
        load("other");
        unload("other", false);

        assertThat(info("shop").state()).isEqualTo(PluginState.FAILED);
        assertThat(host.plugins.events().after(0))
                .filteredOn(event -> slot.id.equals(event.plugin()))
                .extracting(PluginEvent::kind)
                .isEqualTo(List.of(PluginEvent.Kind.LOADED, PluginEvent.Kind.FAILED));
    }

    @Test
    void capabilityToCallWhatIsNoDependency_isRefused() throws IOException {
        load("store");
        assertRefused(ErrorCode.MANIFEST_INVALID, () -> load("shop", "calls store"))
                .isEqualTo("the manifest of 'shop': /capabilities/call: 'store', which is no dependency; expected"
                        + " \"dependencies\":{\"store\":\"0\"}, or a range of its versions, too");
    }
}
