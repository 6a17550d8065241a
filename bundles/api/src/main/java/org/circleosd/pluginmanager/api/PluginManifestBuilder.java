package org.circleosd.pluginmanager.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.api.PluginManifest.ErrorBudget;
import org.circleosd.pluginmanager.api.PluginManifest.LinkedModule;
import org.circleosd.pluginmanager.api.PluginManifest.SelfTest;
import org.circleosd.pluginmanager.api.PluginManifest.WarmUp;

/** Makes a {@link PluginManifest} of the base five members and of those others that are given. */
public final class PluginManifestBuilder {

    private final String name;
    private final String version;
    private final String description;
    private final PluginType type;
    private final String entry;
    private Optional<PluginId> id = Optional.empty();
    private Optional<String> abi = Optional.empty();
    private Optional<String> hostRange = Optional.empty();
    private List<FunctionDescription> functions = List.of();
    private List<Capability> capabilities = List.of();
    private ManifestLimits limits = ManifestLimits.NONE;
    private Map<String, String> config = Map.of();
    private Map<PluginId, PluginVersionRange> dependencies = Map.of();
    private Optional<ErrorBudget> errorBudget = Optional.empty();
    private Optional<InstancePolicy> instances = Optional.empty();
    private Optional<SelfTest> selftest = Optional.empty();
    private Optional<WarmUp> warmup = Optional.empty();
    private List<LinkedModule> modules = List.of();
    private Optional<PluginIsolation> isolation = Optional.empty();
    private Optional<String> group = Optional.empty();
    private Optional<Sha256> sha256 = Optional.empty();

    /** Takes the base five members; for each see {@link PluginManifest}. */
    public PluginManifestBuilder(String name, String version, String description, PluginType type, String entry) {
        this.name = name;
        this.version = version;
        this.description = description;
        this.type = type;
        this.entry = entry;
    }

    /** Sets {@link PluginManifest#id}. */
    public PluginManifestBuilder id(Optional<PluginId> value) {
        id = value;
        return this;
    }

    /** Sets {@link PluginManifest#abi}. */
    public PluginManifestBuilder abi(Optional<String> value) {
        abi = value;
        return this;
    }

    /** Sets {@link PluginManifest#hostRange}. */
    public PluginManifestBuilder hostRange(Optional<String> value) {
        hostRange = value;
        return this;
    }

    /** Sets {@link PluginManifest#functions}. */
    public PluginManifestBuilder functions(List<FunctionDescription> value) {
        functions = value;
        return this;
    }

    /** Sets {@link PluginManifest#capabilities}. */
    public PluginManifestBuilder capabilities(List<Capability> value) {
        capabilities = value;
        return this;
    }

    /** Sets {@link PluginManifest#limits}. */
    public PluginManifestBuilder limits(ManifestLimits value) {
        limits = value;
        return this;
    }

    /** Sets {@link PluginManifest#config}. */
    public PluginManifestBuilder config(Map<String, String> value) {
        config = value;
        return this;
    }

    /** Sets {@link PluginManifest#dependencies}. */
    public PluginManifestBuilder dependencies(Map<PluginId, PluginVersionRange> value) {
        dependencies = value;
        return this;
    }

    /** Sets {@link PluginManifest#errorBudget}. */
    public PluginManifestBuilder errorBudget(Optional<ErrorBudget> value) {
        errorBudget = value;
        return this;
    }

    /** Sets {@link PluginManifest#instances}. */
    public PluginManifestBuilder instances(Optional<InstancePolicy> value) {
        instances = value;
        return this;
    }

    /** Sets {@link PluginManifest#selftest}. */
    public PluginManifestBuilder selftest(Optional<SelfTest> value) {
        selftest = value;
        return this;
    }

    /** Sets {@link PluginManifest#warmup}. */
    public PluginManifestBuilder warmup(Optional<WarmUp> value) {
        warmup = value;
        return this;
    }

    /** Sets {@link PluginManifest#modules}. */
    public PluginManifestBuilder modules(List<LinkedModule> value) {
        modules = value;
        return this;
    }

    /** Sets {@link PluginManifest#isolation}. */
    public PluginManifestBuilder isolation(Optional<PluginIsolation> value) {
        isolation = value;
        return this;
    }

    /** Sets {@link PluginManifest#group}. */
    public PluginManifestBuilder group(Optional<String> value) {
        group = value;
        return this;
    }

    /** Sets {@link PluginManifest#sha256}. */
    public PluginManifestBuilder sha256(Optional<Sha256> value) {
        sha256 = value;
        return this;
    }

    /** Returns the manifest. */
    public PluginManifest build() {
        return new PluginManifest(
                name,
                version,
                description,
                type,
                entry,
                id,
                abi,
                hostRange,
                functions,
                capabilities,
                limits,
                config,
                dependencies,
                errorBudget,
                instances,
                selftest,
                warmup,
                modules,
                isolation,
                group,
                sha256);
    }
}
