package org.circleosd.pluginmanager.shell;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.circleosd.pluginmanager.api.EngineStatus;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.fakes.RecordingHost;
import org.jspecify.annotations.Nullable;

/** A host whose plugins echo; {@code wait} blocks until interrupted. */
final class FakeHost extends RecordingHost {

    final Map<PluginId, PluginInfo> plugins = new TreeMap<>();
    final CountDownLatch waiting = new CountDownLatch(1);
    final CountDownLatch interrupted = new CountDownLatch(1);

    FakeHost with(String id, String name) {
        return with(id, name, new EngineStatus("chicory 1.7.5", EngineStatus.Mode.COMPILED, 12, 12));
    }

    FakeHost with(String id, String name, EngineStatus engine) {
        PluginId pluginId = new PluginId(id);
        plugins.put(pluginId, info(pluginId, name, engine));
        return this;
    }

    /** Adds a plugin that has a process, and a file of which there is more to tell. */
    FakeHost withNative(String id, List<String> unenforced, Map<String, String> details) {
        PluginId pluginId = new PluginId(id);
        plugins.put(pluginId, info(pluginId, id, PluginType.NATIVE, null, unenforced, details));
        return this;
    }

    static PluginInfo info(PluginId id, String name, @Nullable EngineStatus engine) {
        return info(id, name, PluginType.WASM, engine, List.of(), Map.of());
    }

    private static PluginInfo info(
            PluginId id,
            String name,
            PluginType type,
            @Nullable EngineStatus engine,
            List<String> unenforced,
            Map<String, String> details) {
        return new PluginInfo(
                id,
                name,
                "1.0",
                "says " + name,
                type,
                PluginState.ACTIVE,
                null,
                "/plugins/" + id + ".wasm",
                new Sha256("0".repeat(64)),
                "bytes",
                List.of("echo", "wait"),
                null,
                type == PluginType.WASM ? List.of("wasm") : List.of("process", "seccomp"),
                unenforced,
                details,
                engine,
                Instant.EPOCH,
                null);
    }

    @Override
    public List<PluginInfo> list() {
        return List.copyOf(plugins.values());
    }

    @Override
    public PluginInfo info(PluginId id) {
        PluginInfo info = plugins.get(id);
        if (info == null) {
            throw new PluginException(ErrorCode.PLUGIN_NOT_FOUND, "no plugin has the id '" + id + "'");
        }
        return info;
    }

    @Override
    public List<String> log(PluginId id) {
        return List.of("first line", "\u001b[2Jsecond line");
    }

    @Override
    public PluginInfo load(LoadRequest request) {
        loads.add(request);
        PluginId id = request.as().orElse(new PluginId("loaded"));
        with(id.value(), "Loaded");
        return info(id);
    }

    @Override
    public byte[] invoke(PluginId id, Invocation invocation) {
        info(id);
        String payload = new String(invocation.payload(), StandardCharsets.UTF_8);
        return switch (invocation.function()) {
            case "echo" -> payload.getBytes(StandardCharsets.UTF_8);
            case "binary" -> new byte[] {(byte) 0xff, 0};
            case "wait" -> await();
            default ->
                throw new PluginException(
                        ErrorCode.FUNCTION_NOT_FOUND, "the plugin has no function '" + invocation.function() + "'");
        };
    }

    @Override
    public void unload(PluginId id, boolean force) {
        info(id);
        plugins.remove(id);
        if (force) {
            changes.add("unload by force " + id);
        }
    }

    private byte[] await() {
        waiting.countDown();
        try {
            new CountDownLatch(1).await();
            return new byte[0];
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw new PluginException(ErrorCode.CANCELLED, "the caller gave up");
        }
    }
}
