package org.circleosd.pluginmanager.host;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.ManifestParser;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.StateStore;
import org.circleosd.pluginmanager.api.TrustPolicy;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;

/** Small neighbours of the host. */
final class Fakes {

    private Fakes() {}

    /** The manifest's text is the plugin's name; every plugin is a wasm plugin. */
    static final class Parser implements ManifestParser {
        @Override
        public PluginManifest parse(byte[] json, String origin) {
            return PluginManifest.ofBase(new String(json, StandardCharsets.UTF_8), "1.0", "", PluginType.WASM, "");
        }

        @Override
        public PluginManifest infer(String fileName) {
            return PluginManifest.ofBase(fileName.replaceFirst("\\..*", ""), "0", "", PluginType.WASM, "");
        }
    }

    static final class Trust implements TrustPolicy {
        @Override
        public Optional<String> verify(PluginImage image, PluginManifest manifest) {
            return Optional.empty();
        }

        @Override
        public List<CapabilityGrant> grant(PluginManifest manifest, Optional<String> signer) {
            return List.of();
        }
    }

    static final class State implements StateStore {
        final Map<String, Map<String, byte[]>> buckets = new TreeMap<>();
        volatile boolean readOnly;

        @Override
        public synchronized Map<String, byte[]> entries(String bucket) {
            return new TreeMap<>(buckets.getOrDefault(bucket, Map.of()));
        }

        @Override
        public synchronized void commit(List<Change> changes) {
            if (readOnly) {
                throw new PluginException(ErrorCode.STATE_READ_ONLY, "disk full");
            }
            for (Change change : changes) {
                Map<String, byte[]> bucket = buckets.computeIfAbsent(change.bucket(), name -> new TreeMap<>());
                byte[] value = change.value();
                if (value == null) {
                    bucket.remove(change.key());
                } else {
                    bucket.put(change.key(), value);
                }
            }
        }
    }

    /** Its plugins answer with what the behaviour makes of the payload, with the runtime's name in front. */
    static final class EchoRuntime implements PluginRuntime {
        final String name;
        final AtomicInteger open = new AtomicInteger();
        final List<String> loaded = new ArrayList<>();
        volatile UnaryOperator<String> behaviour = text -> text;
        volatile String refuses = "";

        EchoRuntime(String name) {
            this.name = name;
        }

        @Override
        public LoadedPlugin load(
                PluginImage image,
                PluginManifest manifest,
                List<CapabilityGrant> grants,
                InvocationLimits limits,
                PluginLog log) {
            if (manifest.name().equals(refuses)) {
                throw new PluginException(ErrorCode.PLUGIN_INVALID, "no plugin");
            }
            open.incrementAndGet();
            log.append("opened by " + name);
            return new LoadedPlugin() {
                @Override
                public String abi() {
                    return "echo";
                }

                @Override
                public List<String> functions() {
                    return List.of("echo");
                }

                @Override
                public List<String> isolation() {
                    return List.of("none");
                }

                @Override
                public byte[] invoke(Invocation invocation) {
                    String text = new String(invocation.payload(), StandardCharsets.UTF_8);
                    return (name + ":" + behaviour.apply(text)).getBytes(StandardCharsets.UTF_8);
                }

                @Override
                public void close() {
                    open.decrementAndGet();
                }
            };
        }
    }
}
