package org.circleosd.pluginmanager.sandbox.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.sandbox.wasi.tree.HostTree;
import org.circleosd.pluginmanager.sandbox.wasi.tree.MemoryTree;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFolder;
import org.jspecify.annotations.Nullable;

/** What the guests of a plugin see of the system, made once from its manifest and its grants. Thread-safe. */
public final class WasiSettings {

    private final String pluginName;
    private final boolean stateful;
    private final List<byte[]> environment;
    private final List<Folder> folders;

    private WasiSettings(
            String pluginName, boolean stateful, Map<String, String> environment, List<GrantedFolder> folders) {
        this.pluginName = pluginName;
        this.stateful = stateful;
        this.environment = environment.entrySet().stream()
                .filter(entry -> isVariable(entry.getKey(), entry.getValue()))
                .map(entry -> (entry.getKey() + "=" + entry.getValue() + '\0').getBytes(UTF_8))
                .toList();
        this.folders = folders.stream().map(Folder::of).toList();
    }

    /**
     * Reads what a plugin was granted. Folders of the host are looked at, and measured if they have a quota.
     *
     * @param instances how the plugin's instances live
     * @throws PluginException {@link ErrorCode#CAPABILITY_DENIED} if a grant cannot be read,
     *     {@link ErrorCode#PATH_INVALID} if a granted folder cannot be opened
     */
    public static WasiSettings of(PluginManifest manifest, List<CapabilityGrant> grants, InstancePolicy instances) {
        // The operator's word counts more than the manifest's.
        Map<String, String> environment = new TreeMap<>(manifest.config());
        List<GrantedFolder> folders = List.of();
        for (CapabilityGrant grant : grants) {
            switch (grant.kind()) {
                case "env" -> environment.putAll(GrantReader.variables(grant.scope()));
                case "fs" -> folders = GrantReader.folders(grant.scope());
                default -> {
                    // Others look after these.
                }
            }
        }
        boolean stateful = instances == InstancePolicy.STATEFUL;
        return new WasiSettings(manifest.name(), stateful, environment, folders);
    }

    /** Makes the settings of a plugin that was granted nothing. */
    public static WasiSettings ofName(String pluginName) {
        return new WasiSettings(pluginName, false, Map.of(), List.of());
    }

    String pluginName() {
        return pluginName;
    }

    /** Says whether files stay open, and folders in memory keep what is in them, from call to call. */
    boolean stateful() {
        return stateful;
    }

    /** Returns the variables as guests see them, each with its NUL; not to be changed. */
    List<byte[]> environment() {
        return environment;
    }

    List<Folder> folders() {
        return folders;
    }

    /** A setting whose name no variable can have is for other ABIs. */
    private static boolean isVariable(String name, String value) {
        return !name.isEmpty() && name.indexOf('=') < 0 && name.indexOf('\0') < 0 && value.indexOf('\0') < 0;
    }

    /** A folder as guests find it. */
    static final class Folder {

        /** Room of a folder in memory for which the grant names no quota. */
        private static final long MEMORY_QUOTA = 16 << 20;

        private final GrantedFolder granted;
        /** Null: in memory, one for each guest. */
        private final @Nullable HostTree host;

        private Folder(GrantedFolder granted, @Nullable HostTree host) {
            this.granted = granted;
            this.host = host;
        }

        static Folder of(GrantedFolder granted) {
            return new Folder(
                    granted,
                    granted.path()
                            .map(path -> HostTree.of(path, granted.readOnly(), granted.quotaBytes()))
                            .orElse(null));
        }

        String name() {
            return granted.name();
        }

        boolean readOnly() {
            return granted.readOnly();
        }

        /** Opens the folder; adds a new tree in memory to those that the guest discards in the end. */
        TreeFolder open(List<MemoryTree> memoryTrees) {
            if (host != null) {
                return host.open();
            }
            MemoryTree tree = new MemoryTree(granted.quotaBytes().orElse(MEMORY_QUOTA), granted.readOnly());
            memoryTrees.add(tree);
            return tree.open();
        }
    }
}
