package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class InstancePoolTest {

    private static final int THREADS = 8;
    private static final int CALLS = 25;

    private final Plugins plugins = new Plugins();

    @AfterEach
    void close() {
        plugins.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = InstancePolicy.class,
            names = {"POOLED", "FRESH"})
    void callAfterCall_findsTheFirstState(InstancePolicy policy) {
        LoadedPlugin plugin = plugins.instances(policy).load("state");
        for (int i = 0; i < 5; i++) {
            assertThat(Plugins.text(plugin, "count", "")).isEqualTo("001");
        }
    }

    @Test
    void statefulInstance_keepsItsStateUntilACallFails() {
        LoadedPlugin plugin = plugins.instances(InstancePolicy.STATEFUL).load("state");
        assertThat(Plugins.text(plugin, "count", "")).isEqualTo("001");
        assertThat(Plugins.text(plugin, "count", "")).isEqualTo("002");
        Failures.assertFails(ErrorCode.PLUGIN_TRAP, () -> Plugins.text(plugin, "trap", ""));
        assertThat(plugins.log)
                .containsExactly("[the call failed: the instance is dropped, the next call begins with a new state]");
        assertThat(Plugins.text(plugin, "count", "")).isEqualTo("001");
    }

    @Test
    void refusedCall_leavesTheState() {
        LoadedPlugin plugin = plugins.instances(InstancePolicy.STATEFUL).load("state");
        assertThat(Plugins.text(plugin, "count", "")).isEqualTo("001");
        Failures.assertFails(ErrorCode.FUNCTION_NOT_FOUND, () -> Plugins.text(plugin, "lacking", ""));
        assertThat(Plugins.text(plugin, "count", "")).isEqualTo("002");
    }

    @Test
    void callsFromManyThreads_runOneAtATimeInAStatefulInstance() throws Exception {
        LoadedPlugin plugin = plugins.instances(InstancePolicy.STATEFUL).load("state");
        assertThat(inManyThreads(plugin)).doesNotHaveDuplicates();
        assertThat(Plugins.text(plugin, "count", "")).isEqualTo("201");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100})
    void callsFromManyThreads_neverShareAPooledInstance(int idleInstances) throws Exception {
        try (Plugins small = new Plugins(new Plugins.TestConfig(1 << 20, idleInstances))) {
            assertThat(inManyThreads(small.load("state"))).containsOnly("001");
        }
    }

    private static List<String> inManyThreads(LoadedPlugin plugin) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<List<String>>> runs = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                runs.add(threads.submit(() -> {
                    List<String> answers = new ArrayList<>();
                    for (int call = 0; call < CALLS; call++) {
                        answers.add(Plugins.text(plugin, "busy", "x"));
                    }
                    return answers;
                }));
            }
            List<String> all = new ArrayList<>();
            for (Future<List<String>> run : runs) {
                all.addAll(run.get());
            }
            return all;
        } finally {
            threads.shutdownNow();
        }
    }
}
