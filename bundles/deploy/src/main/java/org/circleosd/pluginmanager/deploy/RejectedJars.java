package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.circleosd.pluginmanager.api.Sha256;

/** Notes which jars did not come up and why, tells so, and forgets them when their files are gone. Not thread-safe. */
final class RejectedJars {

    private static final System.Logger LOG = System.getLogger(RejectedJars.class.getName());

    private final JarCandidates candidates;
    private final InstalledRecord record;
    private final InstalledBundles bundles;
    private final KeptJars kept;
    private final BundleNews news;

    RejectedJars(
            JarCandidates candidates,
            InstalledRecord record,
            InstalledBundles bundles,
            KeptJars kept,
            BundleNews news) {
        this.candidates = candidates;
        this.record = record;
        this.bundles = bundles;
        this.kept = kept;
        this.news = news;
    }

    /** Remembers a jar that failed, and tells that the one before runs again. */
    void add(BundleJar jar, String complaint) throws IOException {
        candidates.noteRejected(jar);
        kept.withhold(jar.content(), new Withheld(Withheld.Standing.BAD, jar.symbolicName(), complaint));
        announce(jar.symbolicName(), jar.version() + " of " + jar.file() + " does not come up: " + complaint);
    }

    /** Tells that the jar before runs again. */
    void announce(String bundle, String why) {
        LOG.log(
                System.Logger.Level.WARNING,
                "rolled back bundle {0}: {1}; {2} runs, the file is tried again when it changes",
                bundle,
                why,
                running(bundle));
        news.rolledBack(bundle, why);
    }

    private String running(String bundle) {
        return bundles.find(bundle).map(found -> found.getVersion().toString()).orElse("nothing")
                + record.identityOf(bundle)
                        .map(identity -> " of " + BundleJar.fileOf(identity))
                        .orElse("");
    }

    /** Tells of files that were overwritten by what is no jar: the bundle goes on with the one that is kept. */
    void tellDamaged() throws IOException {
        Map<Sha256, Withheld> told = kept.withheld();
        for (Map.Entry<String, KeptJars.Kept> jar : kept.kept().entrySet()) {
            Path file = jar.getValue().originFile();
            Optional<JarCandidates.Damage> damage = candidates.damage(file);
            if (damage.isEmpty() || told.containsKey(damage.get().content())) {
                continue;
            }
            String why = file + " cannot be read as a jar: " + damage.get().reason();
            kept.withhold(damage.get().content(), new Withheld(Withheld.Standing.BAD, jar.getKey(), why));
            announce(jar.getKey(), why);
        }
    }

    /** Of files that are gone nothing needs to be known, but for the one that a kept jar stands in for. */
    void forgetGone(WatchedFolder.Look look) throws IOException {
        if (!look.settled().equals(look.present())) {
            return;
        }
        Set<Sha256> present = candidates.contents();
        for (Map.Entry<Sha256, Withheld> entry : kept.withheld().entrySet()) {
            Withheld why = entry.getValue();
            if (present.contains(entry.getKey())) {
                continue;
            }
            if (!isStandIn(why.bundle())) {
                kept.release(entry.getKey());
            } else if (why.standing() != Withheld.Standing.GONE) {
                kept.withhold(entry.getKey(), new Withheld(Withheld.Standing.GONE, why.bundle(), why.reason()));
                LOG.log(
                        System.Logger.Level.INFO,
                        "the jar of {0} that did not come up is gone; {1} goes on",
                        why.bundle(),
                        running(why.bundle()));
            }
        }
    }

    private boolean isStandIn(String bundle) {
        return record.identityOf(bundle)
                .filter(identity ->
                        kept.folder().equals(BundleJar.fileOf(identity).getParent()))
                .isPresent();
    }

    /** Tells what the launcher put back at the start. */
    void tellUndone() throws IOException {
        for (Map.Entry<String, String> undone : kept.takeUndone().entrySet()) {
            news.rolledBack(undone.getKey(), undone.getValue());
        }
    }
}
