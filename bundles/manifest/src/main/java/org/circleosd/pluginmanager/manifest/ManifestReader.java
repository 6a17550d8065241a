package org.circleosd.pluginmanager.manifest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.api.FunctionDescription;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.ManifestLimits;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginIsolation;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifestBuilder;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.json.CapabilityTexts;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.Members;
import org.circleosd.pluginmanager.json.Shown;
import org.circleosd.pluginmanager.json.TextRule;

/** Checks the members of a manifest, one by one. {@code docs/manifest.schema.json} has the same rules. */
final class ManifestReader {

    static final TextRule NAME = TextRule.line(1, 128);
    static final String NO_VERSION = "0";

    private static final TextRule VERSION = TextRule.line(1, 64);
    private static final TextRule DESCRIPTION = TextRule.any(4096);
    private static final TextRule TYPE = TextRule.oneOf("wasm", "native");
    // A name, never a path: a file beside the manifest, or a symbol in the library.
    private static final TextRule ENTRY = new TextRule(
            0,
            255,
            false,
            Pattern.compile("(?!\\.$)(?!.*\\.\\.)[^/\\\\]*"),
            "a bare name of up to 255 characters: no slash, no '..', no control characters");
    private static final TextRule WASM_ABI = TextRule.oneOf("bytes", "wasi-command", "raw", "extism");
    private static final TextRule NATIVE_ABI = TextRule.oneOf("native-1");
    private static final TextRule HOST = TextRule.matching(
            "V|[\\[(]V,V[\\])]".replace("V", "[0-9]{1,9}(\\.[0-9]{1,9}(\\.[0-9]{1,9}(\\.[A-Za-z0-9_-]{1,64})?)?)?"),
            "an OSGi version range, as '1.0' or '[1.0,2)'");
    static final TextRule FUNCTION_NAME = TextRule.line(1, 256);
    private static final TextRule CONFIG_KEY = TextRule.line(1, 128);
    private static final TextRule CONFIG_VALUE = TextRule.any(65_536);
    private static final TextRule INSTANCES = TextRule.oneOf("pooled", "stateful", "fresh");
    private static final TextRule ISOLATION = TextRule.oneOf("process", "in-process");
    private static final TextRule GROUP = TextRule.matching(
            "[a-z][a-z0-9-]{0,62}",
            "the name of a group: a lower-case letter, then up to 62 lower-case letters, digits or hyphens");

    private static final int MAX_FUNCTIONS = 1000;
    private static final int MAX_SETTINGS = 1000;

    private static final Set<String> KNOWN = Set.of(
            "name",
            "version",
            "description",
            "plugin_type",
            "entry",
            "manifest_version",
            "id",
            "abi",
            "host",
            "functions",
            "capabilities",
            "limits",
            "config",
            "dependencies",
            "error_budget",
            "instances",
            "selftest",
            "warmup",
            "isolation",
            "group");

    private ManifestReader() {}

    static PluginManifest read(Checked document) {
        Members members = Members.of(document, "one JSON object").withoutFree();
        members.only(KNOWN);
        members.optional("manifest_version").ifPresent(version -> version.wholeNumber(1, 1));
        String name = members.required("name", NAME).text(NAME);
        PluginType type = PluginType.ofWireName(
                        members.required("plugin_type", TYPE).text(TYPE))
                .orElseThrow();
        return new PluginManifestBuilder(
                        name,
                        baseText(members, "version", VERSION).orElse(NO_VERSION),
                        baseText(members, "description", DESCRIPTION).orElse(""),
                        type,
                        baseText(members, "entry", ENTRY).orElse(""))
                .id(members.optional("id").map(id -> new PluginId(id.text(CapabilityTexts.PLUGIN))))
                .abi(members.optional("abi").map(abi -> abi(abi, type)))
                .hostRange(members.optional("host").map(host -> host.text(HOST)))
                .functions(members.optional("functions")
                        .map(ManifestReader::functions)
                        .orElse(List.of()))
                .capabilities(members.optional("capabilities")
                        .map(CapabilityReader::read)
                        .orElse(List.of()))
                .limits(members.optional("limits").map(LimitsReader::read).orElse(ManifestLimits.NONE))
                .config(members.optional("config").map(ManifestReader::config).orElse(Map.of()))
                .dependencies(members.optional("dependencies")
                        .map(DependencyReader::read)
                        .orElse(Map.of()))
                .errorBudget(members.optional("error_budget").map(LimitsReader::errorBudget))
                .instances(members.optional("instances")
                        .flatMap(policy -> InstancePolicy.ofWireName(policy.text(INSTANCES))))
                .selftest(members.optional("selftest").map(CallReader::selfTest))
                .warmup(members.optional("warmup").map(CallReader::warmUp))
                .isolation(members.optional("isolation")
                        .flatMap(place -> PluginIsolation.ofWireName(place.text(ISOLATION))))
                .group(members.optional("group").map(group -> group.text(GROUP)))
                .build();
    }

    /** The optional ones of the base five may be null: manifests written for the base form have it. */
    private static Optional<String> baseText(Members members, String name, TextRule rule) {
        return members.optional(name).filter(value -> !value.isNull()).map(value -> value.text(rule));
    }

    private static String abi(Checked abi, PluginType type) {
        return abi.text(type == PluginType.NATIVE ? NATIVE_ABI : WASM_ABI);
    }

    private static List<FunctionDescription> functions(Checked value) {
        List<FunctionDescription> functions = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Checked item : value.items(MAX_FUNCTIONS, "an array of functions")) {
            Members members = Members.of(item, "an object with the name of a function");
            members.only(Set.of("name", "description", "input", "output"));
            Checked name = members.required("name", FUNCTION_NAME);
            if (!names.add(name.text(FUNCTION_NAME))) {
                throw name.wrong("each function once");
            }
            functions.add(new FunctionDescription(
                    name.text(FUNCTION_NAME),
                    members.optional("description")
                            .map(description -> description.text(DESCRIPTION))
                            .orElse(""),
                    members.optional("input").map(Checked::schema).orElse(null),
                    members.optional("output").map(Checked::schema).orElse(null)));
        }
        return functions;
    }

    static Map<String, String> config(Checked value) {
        Members members = Members.of(value, "an object with strings");
        if (members.byName().size() > MAX_SETTINGS) {
            throw value.fault().at(value.pointer(), members.byName().size() + " members", "at most " + MAX_SETTINGS);
        }
        Map<String, String> config = new HashMap<>();
        members.byName().forEach((key, setting) -> {
            if (!CONFIG_KEY.allows(key)) {
                throw setting.fault().at(value.pointer(), "the member " + Shown.quoted(key), CONFIG_KEY.expected());
            }
            config.put(key, setting.text(CONFIG_VALUE));
        });
        return config;
    }
}
