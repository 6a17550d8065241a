package org.circleosd.pluginmanager.deploy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.circleosd.pluginmanager.api.PluginException;

/** Finds what is new, changed or gone in the drop folder of plugins and has workers deal with it, side by side. */
final class PluginFolder {

    private static final System.Logger LOG = System.getLogger(PluginFolder.class.getName());

    private final WatchedFolder folder;
    private final DeployedRecord record;
    private final PluginDeployer deployer;
    private final Executor workers;

    /** Files that a worker deals with at this moment; the next look leaves them alone. */
    private final Set<Path> busy = ConcurrentHashMap.newKeySet();
    /** Whether the plugins are known whose files went while nobody watched. */
    private boolean orphansKnown;

    PluginFolder(WatchedFolder folder, DeployedRecord record, PluginDeployer deployer, Executor workers) {
        this.folder = folder;
        this.record = record;
        this.deployer = deployer;
        this.workers = workers;
    }

    /**
     * Looks at the folder once.
     *
     * @return completes when the workers are done with what was found: true if everything is dealt with, false if
     *     something is left for the next look
     */
    CompletableFuture<Boolean> pass() {
        Optional<WatchedFolder.Look> look = folder.look();
        if (look.isEmpty()) {
            return CompletableFuture.completedFuture(true);
        }
        Set<Path> gone = new TreeSet<>(record.files());
        boolean complete = addOrphans(gone);
        gone.removeAll(look.get().present().keySet());
        deployer.forgetAllBut(look.get().present().keySet(), gone);

        List<CompletableFuture<Boolean>> work = new ArrayList<>();
        CompletableFuture<Boolean> now = CompletableFuture.completedFuture(true);
        for (Path file : gone) {
            submit(file, now, () -> deployer.undeploy(file)).ifPresent(work::add);
        }
        // What goes, goes first: a renamed file wants the same id again.
        CompletableFuture<Boolean> removed = allOf(work, true);
        for (PluginFile file : PluginFile.of(look.get())) {
            if (deployer.isNews(file)) {
                submit(file.file(), removed, () -> deployer.deploy(file)).ifPresent(work::add);
            }
        }
        return allOf(work, complete);
    }

    /** Adds, until it worked once, the files of this folder that the host has plugins of. */
    private boolean addOrphans(Set<Path> files) {
        if (orphansKnown) {
            return true;
        }
        try {
            files.addAll(deployer.filesIn(folder.path()));
            orphansKnown = true;
        } catch (PluginException e) {
            LOG.log(System.Logger.Level.DEBUG, "the host cannot be asked yet: {0}", e.getMessage());
        }
        return orphansKnown;
    }

    private Optional<CompletableFuture<Boolean>> submit(
            Path file, CompletableFuture<Boolean> after, BooleanSupplier work) {
        if (!busy.add(file)) {
            return Optional.empty();
        }
        return Optional.of(after.thenApplyAsync(ignored -> work.getAsBoolean(), workers)
                .whenComplete((done, defect) -> busy.remove(file)));
    }

    private static CompletableFuture<Boolean> allOf(List<CompletableFuture<Boolean>> parts, boolean first) {
        CompletableFuture<Boolean> all = CompletableFuture.completedFuture(first);
        for (CompletableFuture<Boolean> part : parts) {
            all = all.thenCombine(part, Boolean::logicalAnd);
        }
        return all;
    }
}
