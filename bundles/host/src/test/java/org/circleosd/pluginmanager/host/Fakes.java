package org.circleosd.pluginmanager.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.Capability;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.ManifestParser;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifest.LinkedModule;
import org.circleosd.pluginmanager.api.PluginManifest.Source;
import org.circleosd.pluginmanager.api.PluginManifestBuilder;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.PluginVersionRange;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.StateStore;
import org.circleosd.pluginmanager.api.TrustPolicy;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;

/** Small neighbours of the host. */
final class Fakes {

    private Fakes() {}

    /**
     * The first line of a manifest is the plugin's name, the others are modules: {@code name=path}, with
     * {@code name=path sha256}, or {@code name:bytes}; {@code version TEXT}, {@code needs ID RANGE}, and {@code calls ID}
     * for the capability. Every plugin is a wasm plugin.
     */
    static final class Parser implements ManifestParser {
        @Override
        public PluginManifest parse(byte[] json, String origin) {
            List<String> lines =
                    new String(json, StandardCharsets.UTF_8).lines().toList();
            return new PluginManifestBuilder(
                            lines.get(0), said(lines, "version ").findFirst().orElse("1.0"), "", PluginType.WASM, "")
                    .modules(lines.stream()
                            .skip(1)
                            .filter(line -> line.contains("=") || line.contains(":"))
                            .map(Parser::module)
                            .toList())
                    .dependencies(said(lines, "needs ")
                            .map(need -> need.split(" "))
                            .collect(Collectors.toMap(
                                    need -> new PluginId(need[0]), need -> new PluginVersionRange(need[1]))))
                    .capabilities(said(lines, "calls ")
                            .map(id -> new Capability("call", "[\"" + id + "\"]"))
                            .toList())
                    .build();
        }

        private static Stream<String> said(List<String> lines, String what) {
            return lines.stream().filter(line -> line.startsWith(what)).map(line -> line.substring(what.length()));
        }

        private static LinkedModule module(String line) {
            if (!line.contains("=")) {
                String[] inline = line.split(":");
                return new LinkedModule(
                        inline[0], new Source.Inline(inline[1].getBytes(StandardCharsets.UTF_8)), Optional.empty());
            }
            String[] file = line.split("[= ]");
            return new LinkedModule(
                    file[0],
                    new Source.File(file[1]),
                    file.length == 2 ? Optional.empty() : Optional.of(new Sha256(file[2])));
        }

        @Override
        public PluginManifest infer(String fileName) {
            return PluginManifest.ofBase(fileName.replaceFirst("\\..*", ""), "0", "", PluginType.WASM, "");
        }
    }

    static final class Trust implements TrustPolicy {
        volatile List<CapabilityGrant> grants = List.of();

        @Override
        public Optional<String> verify(PluginImage image, PluginManifest manifest) {
            return Optional.empty();
        }

        @Override
        public List<CapabilityGrant> grant(PluginImage image, PluginManifest manifest, Optional<String> signer) {
            return grants;
        }
    }

    static final class State implements StateStore {
        final Map<String, Map<String, byte[]>> buckets = new TreeMap<>();
        /** Those that are about plugins. */
        final List<List<Change>> commits = new ArrayList<>();

        final AtomicInteger reads = new AtomicInteger();
        volatile boolean readOnly;
        /** Like a disk that fails after it has written. */
        volatile boolean failsLate;
        /** Runs in the middle of each commit. */
        volatile Runnable within = () -> {};

        State() {}

        /** Makes another store with the same content. */
        State(State before) {
            before.buckets.forEach((name, bucket) -> buckets.put(name, new TreeMap<>(bucket)));
        }

        @Override
        public synchronized Map<String, byte[]> entries(String bucket) {
            reads.incrementAndGet();
            return new TreeMap<>(buckets.getOrDefault(bucket, Map.of()));
        }

        @Override
        public synchronized void commit(List<Change> changes) {
            if (readOnly) {
                throw new PluginException(ErrorCode.STATE_READ_ONLY, "disk full");
            }
            within.run();
            if (!changes.get(0).bucket().equals("host")) {
                commits.add(changes);
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
            if (failsLate) {
                throw new PluginException(ErrorCode.STATE_READ_ONLY, "disk broken");
            }
        }
    }

    /** Its plugins answer with what the behaviour makes of the payload, with the runtime's name in front. */
    static final class EchoRuntime implements PluginRuntime {
        final String name;
        final AtomicInteger open = new AtomicInteger();
        /** Of the plugins that were opened. */
        final List<PluginContext> contexts = new CopyOnWriteArrayList<>();

        volatile UnaryOperator<String> behaviour = text -> text;
        volatile String refuses = "";
        volatile Map<String, String> linked = Map.of();
        /** Says whether plugins are ready. */
        volatile BooleanSupplier ready = () -> true;
        /** How long the host was ready to wait for that, each time. */
        final List<Duration> patience = new CopyOnWriteArrayList<>();
        /** Runs while a plugin is opened, with what the host is to it. */
        volatile Consumer<PluginContext> opening = context -> {};

        EchoRuntime(String name) {
            this.name = name;
        }

        private static String text(PluginImage image) {
            try {
                return Files.readString(image.file());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public LoadedPlugin load(
                PluginImage image,
                PluginManifest manifest,
                List<CapabilityGrant> grants,
                InvocationLimits limits,
                PluginContext context) {
            if (manifest.name().equals(refuses)) {
                throw new PluginException(ErrorCode.PLUGIN_INVALID, "no plugin");
            }
            Map<String, String> modules = new LinkedHashMap<>();
            image.linked().forEach((module, its) -> modules.put(module, text(its)));
            linked = modules;
            opening.accept(context);
            contexts.add(context);
            open.incrementAndGet();
            context.log().append("opened by " + name);
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
                public boolean awaitReady(Duration time) {
                    patience.add(time);
                    return ready.getAsBoolean();
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
