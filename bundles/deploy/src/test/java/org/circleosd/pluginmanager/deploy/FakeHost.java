package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.Sha256;

/**
 * Loads any file whose content starts with "ok": the id is the second word of the content, or the file's name. Notes
 * what was done.
 */
final class FakeHost implements PluginHost {

    final List<String> done = new ArrayList<>();
    private final Map<PluginId, PluginInfo> plugins = new TreeMap<>();

    @Override
    public synchronized List<PluginInfo> list() {
        return List.copyOf(plugins.values());
    }

    @Override
    public synchronized PluginInfo load(LoadRequest request) {
        String[] words = content(request.path()).split("\\s+");
        PluginId id = PluginId.ofName(
                words.length > 1
                        ? words[1]
                        : request.path().getFileName().toString().replaceFirst("\\..*", ""));
        check(words[0], id);
        PluginInfo taken = plugins.get(id);
        if (taken != null) {
            throw new PluginException(ErrorCode.ALREADY_LOADED, "id '" + id + "' is taken by " + taken.path());
        }
        return put("load", id, request.path());
    }

    @Override
    public synchronized PluginInfo upgrade(PluginId id, LoadRequest request, boolean force) {
        if (!plugins.containsKey(id)) {
            throw new PluginException(ErrorCode.PLUGIN_NOT_FOUND, id.value());
        }
        check(content(request.path()).split("\\s+")[0], id);
        return put("upgrade", id, request.path());
    }

    @Override
    public synchronized void unload(PluginId id, boolean force) {
        if (plugins.remove(id) == null) {
            throw new PluginException(ErrorCode.PLUGIN_NOT_FOUND, id.value());
        }
        done.add("unload " + id);
    }

    @Override
    public PluginInfo info(PluginId id) {
        throw new AssertionError("the deploy room only loads, upgrades and unloads");
    }

    @Override
    public List<String> log(PluginId id) {
        throw new AssertionError("the deploy room only loads, upgrades and unloads");
    }

    @Override
    public PluginInfo rollback(PluginId id) {
        throw new AssertionError("the deploy room only loads, upgrades and unloads");
    }

    @Override
    public PluginInfo reload(PluginId id) {
        throw new AssertionError("the deploy room only loads, upgrades and unloads");
    }

    @Override
    public PluginInfo enable(PluginId id) {
        throw new AssertionError("the deploy room only loads, upgrades and unloads");
    }

    @Override
    public PluginInfo disable(PluginId id) {
        throw new AssertionError("the deploy room only loads, upgrades and unloads");
    }

    @Override
    public List<PluginEvent> events(long after) {
        throw new AssertionError("the deploy room only loads, upgrades and unloads");
    }

    @Override
    public void bundleChanged(String bundle, PluginEvent.Kind kind, String reason) {
        done.add(kind.wireName() + " " + bundle + ": " + reason);
    }

    @Override
    public byte[] invoke(PluginId id, Invocation invocation) {
        throw new AssertionError("the deploy room only loads, upgrades and unloads");
    }

    private void check(String word, PluginId id) {
        if (word.startsWith("needs-") && !plugins.containsKey(new PluginId(word.substring("needs-".length())))) {
            done.add("refuse " + id);
            throw new PluginException(ErrorCode.DEPENDENCY_MISSING, id + " " + word);
        }
        if (word.startsWith("needs-")) {
            return;
        }
        if (!word.equals("ok")) {
            done.add("refuse " + id);
            throw new PluginException(ErrorCode.PLUGIN_INVALID, "starts with " + word);
        }
    }

    private PluginInfo put(String what, PluginId id, Path path) {
        PluginInfo info = new PluginInfo(
                id,
                id.value(),
                "1",
                "",
                PluginType.WASM,
                PluginState.ACTIVE,
                null,
                path.toString(),
                sha256(path),
                "",
                List.of(),
                null,
                List.of(),
                List.of(),
                Map.of(),
                null,
                Instant.EPOCH,
                null);
        plugins.put(id, info);
        done.add(what + " " + id);
        return info;
    }

    private static Sha256 sha256(Path path) {
        try {
            return new Sha256(HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String content(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new PluginException(ErrorCode.PATH_INVALID, e.toString());
        }
    }
}
