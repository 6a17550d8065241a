package org.circleosd.pluginmanager.manifest;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifest.LinkedModule;
import org.circleosd.pluginmanager.api.PluginManifest.Source;
import org.circleosd.pluginmanager.api.PluginManifestBuilder;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.JsonValue.JsonArray;
import org.circleosd.pluginmanager.json.JsonValue.JsonObject;
import org.circleosd.pluginmanager.json.JsonValue.JsonString;
import org.circleosd.pluginmanager.json.Members;
import org.circleosd.pluginmanager.json.Shown;
import org.circleosd.pluginmanager.json.TextRule;

/**
 * Reads a manifest of Extism's form, so that its users can go on with theirs.
 *
 * @see <a href="https://extism.org/docs/concepts/manifest">Extism manifest</a>
 */
final class ExtismReader {

    private static final String MAIN = "main";
    private static final int MAX_MODULES = 100;

    private static final Set<String> KNOWN =
            Set.of("wasm", "memory", "config", "allowed_hosts", "allowed_paths", "timeout_ms");
    private static final Set<String> MODULE = Set.of("path", "data", "url", "name", "hash", "headers", "method");

    private static final TextRule PATH = TextRule.line(1, 4096);
    private static final TextRule MODULE_NAME = TextRule.line(1, 255);
    private static final TextRule HASH = TextRule.matching("[0-9a-fA-F]{64}", "a SHA-256 of 64 hexadecimal digits");
    private static final TextRule BASE64 = TextRule.any(Integer.MAX_VALUE);

    private ExtismReader() {}

    /** Says whether a document has Extism's form: its modules under {@code wasm}, and no {@code plugin_type}. */
    static boolean isExtism(Checked document) {
        return document.value() instanceof JsonObject object
                && object.members().get("wasm") instanceof JsonArray
                && !object.members().containsKey("plugin_type");
    }

    static PluginManifest read(Checked document) {
        Members members = Members.of(document, "one JSON object");
        members.only(KNOWN);
        List<Module> modules = modules(members.optional("wasm").orElseThrow());
        Module main = main(modules);
        modules.remove(main);
        noPaths(members);
        return new PluginManifestBuilder(
                        main.pluginName(), ManifestReader.NO_VERSION, "", PluginType.WASM, main.fileName())
                .abi(Optional.of("extism"))
                .capabilities(members.optional("allowed_hosts").filter(hosts -> !hosts.isNull()).stream()
                        .flatMap(hosts -> CapabilityReader.net(hosts).stream())
                        .toList())
                .limits(LimitsReader.readExtism(members))
                .config(members.optional("config").map(ManifestReader::config).orElse(Map.of()))
                .modules(modules.stream().map(Module::linked).toList())
                .sha256(main.sha256())
                .build();
    }

    private static List<Module> modules(Checked wasm) {
        List<Module> modules = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Checked item : wasm.items(MAX_MODULES, "an array of modules")) {
            Module module = module(item);
            if (!names.add(module.name())) {
                throw item.fault()
                        .at(item.pointer(), "another module named " + Shown.quoted(module.name()), "each name once");
            }
            modules.add(module);
        }
        if (modules.isEmpty()) {
            throw wasm.fault().at(wasm.pointer(), "no module", "at least one, as [{\"path\":\"plugin.wasm\"}]");
        }
        return modules;
    }

    /** The module that is named so; else the last one, which is often the only one. */
    private static Module main(List<Module> modules) {
        return modules.stream()
                .filter(module -> module.name().equals(MAIN))
                .findFirst()
                .orElseGet(() -> modules.get(modules.size() - 1));
    }

    private static Module module(Checked item) {
        Members members = Members.of(item, "an object with the path or the data of a module");
        members.only(MODULE);
        members.optional("url").ifPresent(url -> {
            throw url.wrong(
                    "a \"path\" or \"data\": this host downloads no code. Download the file, check it, and name "
                            + "its path");
        });
        for (String ofUrl : new String[] {"headers", "method"}) {
            members.optional(ofUrl).ifPresent(member -> {
                throw item.fault().at(member.pointer(), "a member of a module with a url", "none; remove it");
            });
        }
        Optional<Checked> path = members.optional("path");
        Optional<Checked> data = members.optional("data");
        if (path.isPresent() == data.isPresent()) {
            throw item.fault()
                    .at(
                            item.pointer(),
                            path.isPresent() ? "both path and data" : "neither path nor data",
                            "one of them");
        }
        Source source = path.<Source>map(file -> new Source.File(file.text(PATH)))
                .orElseGet(() -> new Source.Inline(decode(data.orElseThrow())));
        Optional<String> name =
                members.optional("name").filter(value -> !value.isNull()).map(value -> value.text(MODULE_NAME));
        Optional<Checked> hash = members.optional("hash").filter(value -> !value.isNull());
        return new Module(name, source, sha256(source, hash), item);
    }

    private static byte[] decode(Checked data) {
        try {
            return Base64.getDecoder().decode(data.text(BASE64));
        } catch (IllegalArgumentException e) {
            throw data.wrong("the bytes of a module in base64");
        }
    }

    private static Optional<Sha256> sha256(Source source, Optional<Checked> hash) {
        Optional<Sha256> expected =
                hash.map(value -> new Sha256(value.text(HASH).toLowerCase(Locale.ROOT)));
        if (!(source instanceof Source.Inline inline)) {
            return expected;
        }
        Sha256 found = Sha256.of(inline.bytes());
        if (expected.isPresent() && !expected.get().equals(found)) {
            throw hash.orElseThrow().wrong("the SHA-256 of the data, which is " + found);
        }
        return Optional.of(found);
    }

    /** A path of the host is the operator's to give: there is no place for it in a manifest. */
    private static void noPaths(Members members) {
        members.optional("allowed_paths").filter(paths -> !paths.isNull()).ifPresent(paths -> {
            Members byHostPath = Members.of(paths, "an object");
            if (!byHostPath.byName().isEmpty()) {
                throw paths.fault()
                        .at(
                                paths.pointer(),
                                "paths of the host",
                                "none: a manifest asks for folders by a logical name and the operator says where they"
                                        + " are. Write a manifest with \"plugin_type\":\"wasm\", \"abi\":\"extism\" and"
                                        + " \"capabilities\":{\"fs\":[{\"name\":\"data\",\"access\":\"ro\"}]}, and in"
                                        + " grants.json a rule with \"grant\":{\"fs\":{\"data\":{\"path\":\"/the/path\","
                                        + "\"access\":\"ro\"}}}");
            }
        });
    }

    /**
     * One module of the manifest.
     *
     * @param given its name in the manifest
     * @param item its place in the manifest
     */
    private record Module(Optional<String> given, Source source, Optional<Sha256> sha256, Checked item) {

        /** As Extism names it: its own name, else its file's without the extension. */
        String name() {
            return given.orElseGet(() -> source instanceof Source.File ? stem(fileName()) : MAIN);
        }

        String fileName() {
            return source instanceof Source.File file
                    ? file.path().substring(file.path().lastIndexOf('/') + 1)
                    : "";
        }

        /** The plugin is named as if it had no manifest: after its file; without one, after the manifest. */
        String pluginName() {
            String file =
                    source instanceof Source.File ? fileName() : item.fault().origin();
            return new Checked(new JsonString(stem(file)), item.pointer(), item.fault()).text(ManifestReader.NAME);
        }

        LinkedModule linked() {
            return new LinkedModule(
                    new Checked(new JsonString(name()), item.pointer(), item.fault()).text(MODULE_NAME),
                    source,
                    sha256);
        }

        private static String stem(String fileName) {
            int dot = fileName.lastIndexOf('.');
            return dot > 0 ? fileName.substring(0, dot) : fileName;
        }
    }
}
