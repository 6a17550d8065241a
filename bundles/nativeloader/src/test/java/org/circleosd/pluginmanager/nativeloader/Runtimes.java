package org.circleosd.pluginmanager.nativeloader;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginIsolation;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifestBuilder;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginLog;

/** Short words for what the tests of this room do again and again. */
final class Runtimes {

    private Runtimes() {}

    static NativeRuntime start(Path copies) throws Exception {
        return start(copies, Map.of());
    }

    /** Starts a runtime of plugins in the process; the other settings have their defaults but for the given ones. */
    static NativeRuntime start(Path copies, Map<String, Object> settings) throws Exception {
        Map<String, Object> all = new HashMap<>();
        all.put("isolation", "in-process");
        all.put("spares", 0);
        all.put("copy_dir", copies.toString());
        all.put(
                "program_dir",
                copies.resolveSibling(copies.getFileName() + "-program").toString());
        all.putAll(settings);
        return new NativeRuntime((NativeRuntime.Config) Proxy.newProxyInstance(
                NativeRuntime.Config.class.getClassLoader(),
                new Class<?>[] {NativeRuntime.Config.class},
                (proxy, method, arguments) -> all.getOrDefault(method.getName(), method.getDefaultValue())));
    }

    static LoadedPlugin load(NativeRuntime runtime, Path library) throws Exception {
        return load(runtime, library, manifest(""), InvocationLimits.DEFAULT, new Lines());
    }

    static LoadedPlugin load(
            NativeRuntime runtime, Path library, PluginManifest manifest, InvocationLimits limits, PluginLog log)
            throws Exception {
        return runtime.load(CLibrary.image(library), manifest, List.of(), limits, new TestContext(log));
    }

    /** Loads a library that the operator allows to keep values. */
    static LoadedPlugin loadKeeping(NativeRuntime runtime, Path library, TestContext context) throws Exception {
        List<CapabilityGrant> grants = List.of(new CapabilityGrant("kv", "{}"));
        return runtime.load(CLibrary.image(library), manifest(""), grants, InvocationLimits.DEFAULT, context);
    }

    static PluginManifest manifest(String entry) {
        return new PluginManifestBuilder("fixture", "1", "", PluginType.NATIVE, entry)
                .isolation(Optional.of(PluginIsolation.IN_PROCESS))
                .build();
    }

    static PluginManifest manifest(Map<String, String> config) {
        return new PluginManifestBuilder("fixture", "1", "", PluginType.NATIVE, "")
                .isolation(Optional.of(PluginIsolation.IN_PROCESS))
                .config(config)
                .build();
    }

    /** Makes a manifest with a selftest that calls a function without a payload. */
    static PluginManifest tested(String function, String expected) {
        return new PluginManifestBuilder("fixture", "1", "", PluginType.NATIVE, "")
                .isolation(Optional.of(PluginIsolation.IN_PROCESS))
                .selftest(Optional.of(new PluginManifest.SelfTest(
                        function, new byte[0], Optional.of(expected.getBytes(StandardCharsets.UTF_8)))))
                .build();
    }

    static InvocationLimits limits(Duration timeout, int outputBytes) {
        return new InvocationLimits(timeout, 1 << 20, outputBytes, 64, 1024);
    }

    static byte[] invoke(LoadedPlugin plugin, String function, byte[] payload) {
        return plugin.invoke(new Invocation(function, payload, Caller.local("socket")));
    }

    static String invoke(LoadedPlugin plugin, String function, String payload) {
        return new String(invoke(plugin, function, payload.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    /** A log that keeps everything. */
    static final class Lines implements PluginLog {

        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void append(String text) {
            lines.add(text);
        }
    }
}
