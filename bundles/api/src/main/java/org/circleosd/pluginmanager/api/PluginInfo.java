package org.circleosd.pluginmanager.api;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code list} shows of a plugin.
 *
 * @param id under which it is loaded
 * @param name the manifest's
 * @param version the manifest's
 * @param description the manifest's
 * @param type what it is made of
 * @param state where it is in its life
 * @param reason why it is failed or disabled, for people; null in any other state
 * @param path absolute path that it was loaded from
 * @param sha256 digest of its bytes
 * @param abi how it is called; empty while it is not prepared
 * @param functions names that can be invoked, sorted; empty while it is not prepared
 * @param signer who signed it; null if nobody did or it was not checked
 * @param isolation the layers around it that are really active; empty while it is not prepared
 * @param unenforced the layers that should be around it and are not, each with the reason
 * @param details what else there is to know of its file and process, for people; in the order to show it
 * @param engine how far the engine is with its code; null if no engine runs it or it is not prepared
 * @param loadedAt when it was loaded under this id
 * @param previous version of the content that a rollback returns to; null if there is none
 */
public record PluginInfo(
        PluginId id,
        String name,
        String version,
        String description,
        PluginType type,
        PluginState state,
        @Nullable String reason,
        String path,
        Sha256 sha256,
        String abi,
        List<String> functions,
        @Nullable String signer,
        List<String> isolation,
        List<String> unenforced,
        Map<String, String> details,
        @Nullable EngineStatus engine,
        Instant loadedAt,
        @Nullable String previous) {

    /** Copies the collections; the map keeps its order. */
    public PluginInfo {
        functions = List.copyOf(functions);
        isolation = List.copyOf(isolation);
        unenforced = List.copyOf(unenforced);
        details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
    }
}
