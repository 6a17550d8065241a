package org.circleosd.pluginmanager.manifest;

import java.util.HashMap;
import java.util.Map;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginVersionRange;
import org.circleosd.pluginmanager.json.CapabilityTexts;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.JsonValue.JsonString;
import org.circleosd.pluginmanager.json.Members;
import org.circleosd.pluginmanager.json.Shown;

/** Reads which plugins a plugin needs, and in which versions. */
final class DependencyReader {

    private static final String RANGE = "a version range, as '1.2' (that or later), '[1.2,2.0)' or '^1.2'";

    private DependencyReader() {}

    static Map<PluginId, PluginVersionRange> read(Checked value) {
        Members members = Members.of(value, "an object, as {\"hello\":\"^1.2\"}");
        if (members.byName().size() > CapabilityTexts.MAX_ITEMS) {
            throw value.fault()
                    .at(value.pointer(), members.byName().size() + " members", "at most " + CapabilityTexts.MAX_ITEMS);
        }
        Map<PluginId, PluginVersionRange> dependencies = new HashMap<>();
        members.byName().forEach((id, range) -> {
            if (!CapabilityTexts.PLUGIN.allows(id)) {
                throw value.fault()
                        .at(value.pointer(), "the member " + Shown.quoted(id), CapabilityTexts.PLUGIN.expected());
            }
            dependencies.put(new PluginId(id), range(range));
        });
        return dependencies;
    }

    private static PluginVersionRange range(Checked value) {
        if (!(value.value() instanceof JsonString string) || !PluginVersionRange.isWellFormed(string.text())) {
            throw value.wrong(RANGE);
        }
        try {
            return new PluginVersionRange(string.text());
        } catch (PluginException e) {
            throw value.wrong("a range that some version is in");
        }
    }
}
