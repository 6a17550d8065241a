package org.circleosd.pluginmanager.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.ToLongBiFunction;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.circleosd.pluginmanager.api.runtime.HostCall;
import org.circleosd.pluginmanager.api.runtime.HostFunction;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Plugins that import what bundles offer. */
@Timeout(120)
class BundleFunctionTest {

    private static final WasmFunctionType ADD =
            new WasmFunctionType(List.of(WasmType.I32, WasmType.I32), List.of(WasmType.I32));
    private static final WasmFunctionType HANDLE = new WasmFunctionType(List.of(WasmType.I64), List.of(WasmType.I64));

    private final Plugins plugins = new Plugins();
    private final Offer add = new Offer("calculator", "add", ADD, (call, args) -> (int) (args[0] + args[1]));
    private final Offer greet = new Offer(HostFunction.EXTISM_USER, "greet", HANDLE, (call, args) -> {
        String name = new String(call.read(args[0]), UTF_8);
        return call.write(("Hello " + name + " from " + call.plugin() + " with "
                        + call.memory().size())
                .getBytes(UTF_8));
    });

    @AfterEach
    void close() {
        plugins.close();
    }

    private LoadedPlugin loaded() {
        plugins.runtime.addHostFunction(add, Map.of());
        plugins.runtime.addHostFunction(greet, Map.of());
        return plugins.load("extism/user");
    }

    @Test
    void plugin_callsThem() {
        LoadedPlugin plugin = loaded();
        assertThat(Plugins.text(plugin, "hello", "Ada")).isEqualTo("Hello Ada from extism/user with 65536");
        assertThat(Plugins.text(plugin, "sum", "")).isEqualTo("42");
    }

    @Test
    void functionThatNobodyOffers_isNamedAtTheLoad() {
        plugins.runtime.addHostFunction(greet, Map.of());
        Failures.assertFails(ErrorCode.PLUGIN_INVALID, () -> plugins.load("extism/user"))
                .contains("calculator.add;");
    }

    @Test
    void functionOfAnotherType_isNamedWithBoth() {
        plugins.runtime.addHostFunction(greet, Map.of());
        Failures.assertFails(ErrorCode.PLUGIN_INVALID, () -> plugins.load("extism/wrong-type"))
                .contains("extism:host/user.greet(i32) -> i32 (it is (i64) -> i64)");
    }

    @Test
    void replacedFunction_isCalledAtOnce() {
        LoadedPlugin plugin = loaded();
        Offer other =
                new Offer(HostFunction.EXTISM_USER, "greet", HANDLE, (call, args) -> call.write("new".getBytes(UTF_8)));
        plugins.runtime.addHostFunction(other, Map.of());
        plugins.runtime.removeHostFunction(greet);
        assertThat(Plugins.text(plugin, "hello", "Ada")).isEqualTo("new");
    }

    @Test
    void pluginException_endsTheCall() {
        plugins.runtime.addHostFunction(add, Map.of());
        plugins.runtime.addHostFunction(
                new Offer(HostFunction.EXTISM_USER, "greet", HANDLE, (call, args) -> {
                    throw new PluginException(ErrorCode.BUSY, "not today");
                }),
                Map.of());
        LoadedPlugin plugin = plugins.load("extism/user");
        Failures.assertFails(ErrorCode.BUSY, () -> Plugins.text(plugin, "hello", "Ada"))
                .isEqualTo("not today");
    }

    @Test
    void defectOfABundle_isTheCallsFailure() {
        plugins.runtime.addHostFunction(add, Map.of());
        plugins.runtime.addHostFunction(
                new Offer(HostFunction.EXTISM_USER, "greet", HANDLE, (call, args) -> {
                    throw new IllegalStateException("broken");
                }),
                Map.of());
        LoadedPlugin plugin = plugins.load("extism/user");
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(plugin, "hello", "Ada"))
                .contains("host function extism:host/user.greet failed", "broken");
        assertThat(Plugins.text(plugin, "sum", "")).isEqualTo("42");
    }

    @Test
    void callWithinTheOwnCall_isRefused() {
        LoadedPlugin[] self = new LoadedPlugin[1];
        plugins.runtime.addHostFunction(add, Map.of());
        plugins.runtime.addHostFunction(
                new Offer(
                        HostFunction.EXTISM_USER,
                        "greet",
                        HANDLE,
                        (call, args) -> call.write(self[0].invoke(Plugins.call("sum", "")))),
                Map.of());
        self[0] = plugins.load("extism/user");
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(self[0], "hello", "Ada"))
                .contains("called from within its own call");
        assertThat(Plugins.text(self[0], "sum", "")).isEqualTo("42");
    }

    private record Offer(String namespace, String name, WasmFunctionType type, ToLongBiFunction<HostCall, long[]> body)
            implements HostFunction {

        @Override
        public long call(HostCall call, long[] args) {
            return body.applyAsLong(call, args);
        }
    }
}
