package org.circleosd.pluginmanager.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
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

/** A host with one plugin, "example", whose function does what a test says. It keeps what it was asked. */
final class FakeHost extends RecordingHost {

    static final PluginId EXAMPLE = new PluginId("example");

    final List<Invocation> invocations = new ArrayList<>();
    final List<PluginId> unloads = new ArrayList<>();
    List<PluginInfo> plugins = List.of(example(PluginState.ACTIVE, null));
    Function<Invocation, byte[]> function = Invocation::payload;

    static PluginInfo example(PluginState state, String reason) {
        return example(state, reason, List.of());
    }

    static PluginInfo example(PluginState state, String reason, List<String> unenforced) {
        return new PluginInfo(
                EXAMPLE,
                "Example",
                "0.1",
                "says hello",
                PluginType.WASM,
                state,
                reason,
                "/plugins/example.wasm",
                new Sha256("ab".repeat(32)),
                "bytes",
                List.of("handle", "other"),
                null,
                List.of("wasm"),
                unenforced,
                Map.of(),
                state == PluginState.ACTIVE ? new EngineStatus("chicory 1.7.5", EngineStatus.Mode.MIXED, 11, 12) : null,
                Instant.parse("2026-11-22T10:00:00Z"),
                null);
    }

    String lastPayload() {
        return new String(invocations.get(invocations.size() - 1).payload(), UTF_8);
    }

    @Override
    public List<PluginInfo> list() {
        return plugins;
    }

    @Override
    public PluginInfo info(PluginId id) {
        return find(id).orElseThrow(() -> notFound(id));
    }

    @Override
    public List<String> log(PluginId id) {
        throw new AssertionError("no action of this room asks for it");
    }

    @Override
    public PluginInfo load(LoadRequest request) {
        if (request.path().endsWith("taken.wasm")) {
            throw new PluginException(ErrorCode.ALREADY_LOADED, "'example' is taken");
        }
        loads.add(request);
        return plugins.get(0);
    }

    @Override
    public byte[] invoke(PluginId id, Invocation invocation) {
        info(id);
        if (invocation.function().equals("missing")) {
            throw new PluginException(ErrorCode.FUNCTION_NOT_FOUND, "no function 'missing'; it has handle, other");
        }
        invocations.add(invocation);
        return function.apply(invocation);
    }

    @Override
    public void unload(PluginId id, boolean force) {
        info(id);
        unloads.add(id);
        if (force) {
            changes.add("unload by force " + id);
        }
    }

    private Optional<PluginInfo> find(PluginId id) {
        return plugins.stream().filter(plugin -> plugin.id().equals(id)).findFirst();
    }

    private static PluginException notFound(PluginId id) {
        return new PluginException(ErrorCode.PLUGIN_NOT_FOUND, "no plugin has the id '" + id + "'");
    }
}
