package org.circleosd.pluginmanager.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.felix.gogo.jline.Shell;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.jline.reader.Candidate;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;

/** What can stand in the place of an argument; {@code plugin_manager_profile} names these functions. */
final class Completions {

    private static final Set<String> FILE_OPTIONS = Set.of("--file", "--manifest");

    private final Supplier<Bundle[]> installed;

    Completions(Supplier<Bundle[]> installed) {
        this.installed = installed;
    }

    void offer(CommandSession session) {
        session.put("__plugin", (Function) (asking, arguments) -> plugins(asking));
        session.put("__bundle", (Function) (asking, arguments) -> bundles());
    }

    /**
     * Plugins in the place of the first argument, then the functions of the one that is there, or the file of an upgrade;
     * files after --file and --manifest.
     */
    private static Object plugins(CommandSession session) throws Exception {
        ParsedLine line = Shell.getParsedLine(session);
        List<Candidate> candidates = new ArrayList<>();
        if (line == null || line.wordIndex() < 1) {
            return candidates;
        }
        boolean fileOfUpgrade = line.wordIndex() == 2 && line.words().get(0).endsWith("upgrade");
        if (FILE_OPTIONS.contains(line.words().get(line.wordIndex() - 1)) || fileOfUpgrade) {
            return session.execute("gogo:__files");
        }
        if (!(session.execute("plugin:list") instanceof List<?> loaded)) {
            return candidates;
        }
        for (Object each : loaded) {
            if (!(each instanceof PluginInfo plugin)) {
                continue;
            }
            String id = plugin.id().value();
            if (line.wordIndex() == 1) {
                candidates.add(candidate(id, plugin.name() + " " + plugin.version()));
            } else if (line.wordIndex() == 2
                    && line.words().get(0).endsWith("invoke")
                    && line.words().get(1).equals(id)) {
                plugin.functions().forEach(function -> candidates.add(candidate(function, null)));
            }
        }
        return candidates;
    }

    private List<Candidate> bundles() {
        List<Candidate> candidates = new ArrayList<>();
        for (Bundle bundle : installed.get()) {
            String name = bundle.getSymbolicName();
            if (name != null) {
                candidates.add(candidate(
                        Bundles.shortName(name), bundle.getBundleId() + " " + name + " " + bundle.getVersion()));
            }
        }
        return candidates;
    }

    private static Candidate candidate(String value, @Nullable String description) {
        String shown = description == null ? null : SafeText.line(description);
        return new Candidate(value, SafeText.line(value), null, shown, null, null, true);
    }
}
