package org.circleosd.pluginmanager.manifest;

import java.util.Locale;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.ManifestParser;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.Fault;
import org.circleosd.pluginmanager.json.JsonText;
import org.circleosd.pluginmanager.json.JsonValue;
import org.osgi.service.component.annotations.Component;

/** Parses manifests by the rules of {@code docs/manifest.md}, and those of Extism. */
@Component(service = ManifestParser.class)
public final class JsonManifestParser implements ManifestParser {

    private static final String NATIVE_PREFIX = "lib";

    @Override
    public PluginManifest parse(byte[] json, String origin) {
        Fault fault = new Fault(ErrorCode.MANIFEST_INVALID, origin);
        Checked document = new Checked(JsonText.read(json, fault), "", fault);
        return ExtismReader.isExtism(document) ? ExtismReader.read(document) : ManifestReader.read(document);
    }

    @Override
    public PluginManifest infer(String fileName) {
        int dot = fileName.lastIndexOf('.');
        String extension = fileName.substring(dot + 1).toLowerCase(Locale.ROOT);
        Fault fault = new Fault(ErrorCode.MANIFEST_INVALID, fileName);
        PluginType type =
                switch (dot < 0 ? "" : extension) {
                    case "wasm" -> PluginType.WASM;
                    case "so", "dll", "dylib" -> PluginType.NATIVE;
                    default ->
                        throw fault.at(
                                "",
                                "no manifest, and an extension that says no type",
                                ".wasm, .so, .dll or .dylib, or a manifest with plugin_type");
                };
        String stem = fileName.substring(0, dot);
        String name = type == PluginType.NATIVE && stem.startsWith(NATIVE_PREFIX)
                ? stem.substring(NATIVE_PREFIX.length())
                : stem;
        Checked checked = new Checked(new JsonValue.JsonString(name), "/name", fault);
        return PluginManifest.ofBase(checked.text(ManifestReader.NAME), ManifestReader.NO_VERSION, "", type, "");
    }
}
