package org.circleosd.pluginmanager.deploy;

import static org.circleosd.pluginmanager.api.ErrorCode.ALREADY_LOADED;
import static org.circleosd.pluginmanager.api.ErrorCode.BUSY;
import static org.circleosd.pluginmanager.api.ErrorCode.CANCELLED;
import static org.circleosd.pluginmanager.api.ErrorCode.DEPENDENCY_CYCLE;
import static org.circleosd.pluginmanager.api.ErrorCode.DEPENDENCY_MISSING;
import static org.circleosd.pluginmanager.api.ErrorCode.INTERNAL;
import static org.circleosd.pluginmanager.api.ErrorCode.IN_USE;
import static org.circleosd.pluginmanager.api.ErrorCode.PATH_INVALID;
import static org.circleosd.pluginmanager.api.ErrorCode.PLUGIN_NOT_FOUND;
import static org.circleosd.pluginmanager.api.ErrorCode.SHUTTING_DOWN;
import static org.circleosd.pluginmanager.api.ErrorCode.STATE_READ_ONLY;
import static org.circleosd.pluginmanager.api.ErrorCode.UNAVAILABLE;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.ServiceGate;

/**
 * Makes the host's plugins follow one file at a time. The plugins of a file are those that were loaded from its path, by
 * whomever: when it changes they are replaced, when it goes they are unloaded. Thread-safe for different files.
 */
final class PluginDeployer {

    private static final System.Logger LOG = System.getLogger(PluginDeployer.class.getName());

    /** What says nothing about the file: it may do at the next look, unchanged. */
    private static final Set<ErrorCode> PASSING =
            EnumSet.of(UNAVAILABLE, BUSY, CANCELLED, SHUTTING_DOWN, STATE_READ_ONLY);

    /** What says something about other plugins: it may do, unchanged, when they are others. */
    private static final Set<ErrorCode> OF_OTHERS = EnumSet.of(DEPENDENCY_MISSING, DEPENDENCY_CYCLE, IN_USE);

    private final ServiceGate<PluginHost> host;
    private final DeployedRecord record;
    /** Files that were not taken, as they were then. */
    private final Map<Path, Refusal> refused = new ConcurrentHashMap<>();

    /**
     * Why a file was not taken.
     *
     * @param loaded the plugins that there were; empty where they do not matter
     */
    private record Refusal(String stamps, ErrorCode code, Set<String> loaded) {}

    PluginDeployer(ServiceGate<PluginHost> host, DeployedRecord record) {
        this.host = host;
        this.record = record;
    }

    /** Says whether the file has to be deployed: it was neither dealt with nor refused as it is now. */
    boolean isNews(PluginFile file) {
        Refusal refusal = refused.get(file.file());
        boolean wasRefused = refusal != null
                && refusal.stamps().equals(file.stamps())
                && !PASSING.contains(refusal.code())
                && !(OF_OTHERS.contains(refusal.code()) && areOthersThan(refusal.loaded()));
        boolean wasHandled = record.get(file.file())
                .filter(handled -> handled.stamps().equals(file.stamps()))
                .isPresent();
        return !wasRefused && !wasHandled;
    }

    /**
     * Loads a new file, or replaces the plugins of a changed one.
     *
     * @return false if it should be tried again as it is
     */
    boolean deploy(PluginFile file) {
        Set<String> loaded = Set.of();
        try {
            loaded = loaded();
            PluginFile.Digests contents = file.digests();
            if (!isHandled(file, contents)) {
                loadOrReplace(file, contents);
            }
            record.put(file.file(), new DeployedRecord.Handled(file.stamps(), contents));
            refused.remove(file.file());
            // Whoever waits for another plugin may have waited for this one.
            return refused.values().stream().noneMatch(refusal -> OF_OTHERS.contains(refusal.code()));
        } catch (IOException e) {
            return refuse(file, new PluginException(PATH_INVALID, "it cannot be read: " + e), loaded);
        } catch (PluginException e) {
            return refuse(file, e, loaded);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "deploying " + file.file() + " failed", e);
            return refuse(file, new PluginException(INTERNAL, "a defect, see the trace above"), loaded);
        }
    }

    /**
     * Unloads the plugins of a file that is gone.
     *
     * @return false if it should be tried again
     */
    boolean undeploy(Path file) {
        try {
            for (PluginInfo plugin : pluginsOf(file)) {
                unload(plugin);
            }
            record.remove(file);
            refused.remove(file);
            // The ids are free: whoever wanted one of them may try again.
            refused.values().removeIf(refusal -> refusal.code() == ALREADY_LOADED);
            return true;
        } catch (PluginException e) {
            if (isFirst(file, new Refusal("gone", e.code(), Set.of()))) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} is gone, but its plugin stays: {1} (it is tried again until it works)",
                        file,
                        e.getMessage());
            }
            return !PASSING.contains(e.code());
        }
    }

    /** Forgets the refusals of files that are in neither set. */
    void forgetAllBut(Set<Path> present, Set<Path> gone) {
        refused.keySet().removeIf(file -> !present.contains(file) && !gone.contains(file));
    }

    /**
     * Returns the files of a folder that the host has plugins of.
     *
     * @throws PluginException {@link ErrorCode#UNAVAILABLE} if the host is not there
     */
    List<Path> filesIn(Path folder) {
        return host.call(PluginHost::list).stream()
                .map(plugin -> Path.of(plugin.path()))
                .filter(file -> folder.equals(file.getParent()))
                .toList();
    }

    private boolean isHandled(PluginFile file, PluginFile.Digests contents) {
        Optional<DeployedRecord.Handled> before = record.get(file.file());
        if (before.isPresent()) {
            // Touched, or copied over with the same content.
            return before.get().contents().equals(contents);
        }
        // Not in the record, but loaded: by a client, or just before the process was killed.
        List<PluginInfo> plugins = pluginsOf(file.file());
        return !plugins.isEmpty()
                && plugins.stream().allMatch(plugin -> plugin.sha256().equals(contents.plugin()));
    }

    private void loadOrReplace(PluginFile file, PluginFile.Digests contents) {
        LoadRequest request = LoadRequest.of(file.file());
        List<PluginInfo> plugins = pluginsOf(file.file());
        if (plugins.isEmpty()) {
            host.call(to -> to.load(request));
        }
        for (PluginInfo plugin : plugins) {
            host.call(to -> to.upgrade(plugin.id(), request));
        }
        LOG.log(System.Logger.Level.DEBUG, "{0} is deployed: {1}", file.file(), contents.plugin());
    }

    private void unload(PluginInfo plugin) {
        try {
            host.call(to -> {
                to.unload(plugin.id());
                return true;
            });
        } catch (PluginException e) {
            if (e.code() != PLUGIN_NOT_FOUND) {
                throw e;
            }
        }
    }

    private List<PluginInfo> pluginsOf(Path file) {
        String path = file.toString();
        return host.call(PluginHost::list).stream()
                .filter(plugin -> plugin.path().equals(path))
                .toList();
    }

    private boolean refuse(PluginFile file, PluginException why, Set<String> loaded) {
        boolean passing = PASSING.contains(why.code());
        boolean ofOthers = OF_OTHERS.contains(why.code());
        if (isFirst(file.file(), new Refusal(file.stamps(), why.code(), ofOthers ? loaded : Set.of()))) {
            LOG.log(
                    passing ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
                    "{0} is not deployed: {1} ({2})",
                    file.file(),
                    why.getMessage(),
                    passing
                            ? "it is tried again until it works"
                            : ofOthers
                                    ? "it is tried again when other plugins, or the file, change"
                                    : "it is tried again when it changes");
        }
        return !passing;
    }

    private Set<String> loaded() {
        return host.call(PluginHost::list).stream()
                .map(plugin -> plugin.id() + " " + plugin.version() + " " + plugin.state())
                .collect(Collectors.toUnmodifiableSet());
    }

    private boolean areOthersThan(Set<String> before) {
        try {
            return !loaded().equals(before);
        } catch (PluginException e) {
            return false; // the host is being replaced; the next look finds it
        }
    }

    /** Notes a refusal; says whether it has to be told. */
    private boolean isFirst(Path file, Refusal refusal) {
        Refusal before = refused.put(file, refusal);
        return before == null || !before.stamps().equals(refusal.stamps()) || before.code() != refusal.code();
    }
}
