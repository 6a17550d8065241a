package org.circleosd.pluginmanager.nativeloader.process;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.nativeloader.binary.LibraryFile;
import org.circleosd.pluginmanager.nativeloader.plugin.AbiFailures;
import org.circleosd.pluginmanager.nativeloader.plugin.GrantedServices;
import org.circleosd.pluginmanager.nativeloader.plugin.NativeLibraryHost;
import org.circleosd.pluginmanager.nativeloader.plugin.PrivateCopies;
import org.circleosd.pluginmanager.nativeloader.process.StarterInBackground.Prepared;
import org.circleosd.pluginmanager.worker.linux.ConfinedProcesses;
import org.circleosd.pluginmanager.worker.linux.ConfinementSettings;
import org.jspecify.annotations.Nullable;

/** Runs native libraries in processes of their own, or of their group. The daemon itself opens none of them. */
public final class ProcessHost implements NativeLibraryHost {

    private static final System.Logger LOG = System.getLogger(ProcessHost.class.getName());

    private final HostWork hostWork = new HostWork();
    private final WorkerFactory factory;
    private final Spares spares;
    private final PluginProcess.Supplies supplies;
    private final WorkerLimits limits;
    private final Duration shutdownBound;
    private final RandomGenerator random = new SecureRandom();
    private final Map<Group, PluginProcess> groups = new HashMap<>();
    private final Set<LoadedPlugin> open = ConcurrentHashMap.newKeySet();

    /** Plugins of the same group share a process: only if they come from the same hands and may do the same. */
    private record Group(
            String name, Optional<String> signer, @Nullable Path folder, Set<CapabilityGrant> grants) {}

    /**
     * Makes a host and begins its spares.
     *
     * @param homes where the workers have their folders
     * @param programDirectory for the files that they run from
     */
    public ProcessHost(PrivateCopies homes, Path programDirectory, ProcessSettings settings) {
        this(hostWork -> new StarterInBackground(() -> prepare(programDirectory, settings), hostWork), homes, settings);
    }

    ProcessHost(Function<HostWork, WorkerStarter> starter, PrivateCopies homes, ProcessSettings settings) {
        factory = new WorkerFactory(
                starter.apply(hostWork),
                homes,
                hostWork,
                settings.confinement() == ProcessSettings.Confinement.REQUIRED);
        spares = new Spares(factory, hostWork, settings.spares());
        supplies = new PluginProcess.Supplies(factory, spares, hostWork, settings.restarts());
        limits = settings.limits();
        shutdownBound = settings.shutdownBound();
        spares.fill();
    }

    private static Prepared prepare(Path programDirectory, ProcessSettings settings) throws IOException {
        WorkerPrograms programs = WorkerPrograms.prepare(programDirectory, settings.program());
        boolean prepared = false;
        try {
            WorkerStarter starter = starter(programs::program, settings);
            prepared = true;
            return new Prepared(starter, programs);
        } finally {
            if (!prepared) {
                programs.close();
            }
        }
    }

    private static WorkerStarter starter(Supplier<WorkerProgram> programs, ProcessSettings settings)
            throws IOException {
        if (!ConfinedProcesses.isSupported()) {
            return new PlainStarter(
                    programs,
                    System.getProperty("os.name") + " on " + System.getProperty("os.arch")
                            + " has none that is known here");
        }
        boolean confined = settings.confinement() != ProcessSettings.Confinement.OFF;
        LinuxStarter starter = LinuxStarter.prepare(
                new ConfinementSettings(confined, settings.firstUser(), settings.lastUser()), programs);
        List<String> missing = starter.missing();
        if (confined && !missing.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "native plugins are not confined as they could be: {0}",
                    String.join("; ", missing));
        }
        return starter;
    }

    @Override
    public LoadedPlugin load(
            PluginImage image,
            LibraryFile file,
            PluginManifest manifest,
            List<CapabilityGrant> grants,
            InvocationLimits callLimits,
            PluginContext context) {
        NativeGrants granted = NativeGrants.of(grants);
        LibraryLoading library = new LibraryLoading(
                image,
                file,
                manifest,
                granted,
                callLimits,
                limits,
                new GrantedServices(context, manifest.config(), grants),
                context,
                new AbiFailures(file.name(), file.symbols(), callLimits.outputBytes()));
        Optional<Group> group = manifest.group()
                .map(name -> new Group(name, context.signer(), image.origin().getParent(), Set.copyOf(grants)));
        while (true) {
            PluginProcess process = group.map(key -> ofGroup(key, granted))
                    .orElseGet(() -> newProcess(context.id().value(), granted));
            ProcessPlugin plugin = new ProcessPlugin(library, process, shutdownBound, this::closed);
            if (process.load(plugin)) {
                open.add(plugin);
                return plugin;
            }
            forgetClosed();
        }
    }

    @Override
    public void close() {
        spares.close();
        // Each is bounded; together they take as long as the longest.
        hostWork.startAll(open.stream().<Runnable>map(plugin -> plugin::close).toList());
        factory.close();
        hostWork.close();
    }

    private void closed(LoadedPlugin plugin) {
        open.remove(plugin);
        forgetClosed();
    }

    private PluginProcess ofGroup(Group group, NativeGrants granted) {
        synchronized (groups) {
            // Whoever comes to a group that is out of service is brought back: it gets a process that runs.
            return groups.compute(
                    group,
                    (key, process) -> process == null || process.failure().isPresent()
                            ? newProcess("group " + key.name(), granted)
                            : process);
        }
    }

    private void forgetClosed() {
        synchronized (groups) {
            groups.values().removeIf(PluginProcess::isClosed);
        }
    }

    private PluginProcess newProcess(String name, NativeGrants granted) {
        return new PluginProcess(name, granted, supplies, new RestartPolicy(supplies.restarts(), random));
    }
}
