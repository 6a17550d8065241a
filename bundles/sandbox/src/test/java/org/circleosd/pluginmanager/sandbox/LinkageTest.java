package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.circleosd.pluginmanager.api.EngineStatus;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plugins of several modules. */
@Timeout(120)
class LinkageTest {

    private static final String HOST = "extism/linked-host";
    private static final String MAIN = "extism/linked-main";
    private static final String COUNTER = "extism/linked-counter";

    private final Plugins plugins = new Plugins();

    @AfterEach
    void close() {
        plugins.close();
    }

    @Test
    void module_canBeTheHostOfAnother() {
        // As a plugin that imports from extism:host/user is used without a host that offers it.
        LoadedPlugin plugin = plugins.linking("extism:host/user", HOST)
                .linking("counter", COUNTER)
                .load(MAIN);
        assertThat(plugin.abi()).isEqualTo("extism");
        assertThat(Plugins.text(plugin, "shout", "a")).isEqualTo("A");
        assertThat(plugin.engine()).get().extracting(EngineStatus::of).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource({"STATEFUL, 2", "POOLED, 1", "FRESH, 1"})
    void stateOfLinkedModules_livesAsTheManifestSays(InstancePolicy policy, String second) {
        LoadedPlugin plugin = plugins.instances(policy)
                .linking("extism:host/user", HOST)
                .linking("counter", COUNTER)
                .load(MAIN);
        assertThat(Plugins.text(plugin, "count", "")).isEqualTo("1");
        assertThat(Plugins.text(plugin, "count", "")).isEqualTo(second);
    }

    @Test
    void missingModule_isNamed() {
        Failures.assertFails(ErrorCode.PLUGIN_INVALID, () -> plugins.linking("counter", COUNTER)
                        .load(MAIN))
                .contains("imports what this host does not have: extism:host/user.upper");
    }

    @Test
    void moduleWithoutTheFunction_isAsIfItWereNotThere() {
        Failures.assertFails(ErrorCode.PLUGIN_INVALID, () -> plugins.linking("counter", HOST)
                        .linking("extism:host/user", HOST)
                        .load(MAIN))
                .contains("counter.next");
    }

    @Test
    void modulesInACircle_callEachOther() {
        LoadedPlugin plugin = plugins.linking("odd", "extism/circle-odd").load("extism/circle-main");
        assertThat(Plugins.text(plugin, "even", "[10]")).isEqualTo("1");
        assertThat(Plugins.text(plugin, "even", "[7]")).isEqualTo("0");
    }

    @Test
    void program_isMadeAnewForEachThatImportsFromIt() {
        LoadedPlugin plugin = plugins.instances(InstancePolicy.STATEFUL)
                .linking("tick", "extism/program-tick")
                .linking("other", "extism/program-user")
                .load("extism/program-main");
        // Each has a counter of its own, and the program's start never ran.
        assertThat(Plugins.text(plugin, "own", "[]")).isEqualTo("1");
        assertThat(Plugins.text(plugin, "own", "[]")).isEqualTo("2");
        assertThat(Plugins.text(plugin, "others", "[]")).isEqualTo("1");
    }

    @Test
    void config_reachesAllModules() {
        LoadedPlugin plugin = plugins.config(Map.of("k", "v"))
                .linking("extism:host/user", HOST)
                .linking("counter", COUNTER)
                .load(MAIN);
        assertThat(Plugins.text(plugin, "setting", "k")).isEqualTo("v");
    }
}
