package org.circleosd.pluginmanager.nativeloader.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.circleosd.pluginmanager.worker.linux.ConfineRequest;
import org.circleosd.pluginmanager.worker.linux.ConfinedProcess;
import org.circleosd.pluginmanager.worker.linux.ConfinedProcesses;
import org.circleosd.pluginmanager.worker.linux.ConfinementLayer;
import org.circleosd.pluginmanager.worker.linux.ConfinementSettings;
import org.circleosd.pluginmanager.worker.linux.Lockdown;
import org.circleosd.pluginmanager.worker.linux.ProcessPlan;
import org.circleosd.pluginmanager.worker.linux.ProcessPlan.Grant;
import org.circleosd.pluginmanager.worker.linux.ResourceLimits;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;

/** Starts workers that Linux confines before their first instruction. */
final class LinuxStarter implements WorkerStarter {

    private static final System.Logger LOG = System.getLogger(LinuxStarter.class.getName());

    private final ConfinedProcesses processes;
    private final Supplier<WorkerProgram> programs;
    private final Set<ConfinementLayer> required;

    private LinuxStarter(ConfinedProcesses processes, Supplier<WorkerProgram> programs) throws IOException {
        this.processes = processes;
        this.programs = programs;
        required = EnumSet.of(ConfinementLayer.LANDLOCK, ConfinementLayer.SECCOMP, ConfinementLayer.LIMITS);
        if (Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
            // What only root can give is asked of root only.
            required.add(ConfinementLayer.USER);
            required.add(ConfinementLayer.NETWORK);
        }
    }

    /**
     * Tries which layers there are.
     *
     * @param programs asked for each start
     * @throws IOException if no process can be started in this way
     */
    static LinuxStarter prepare(ConfinementSettings settings, Supplier<WorkerProgram> programs) throws IOException {
        ConfinedProcesses processes = ConfinedProcesses.prepare(settings);
        boolean prepared = false;
        try {
            LinuxStarter starter = new LinuxStarter(processes, programs);
            prepared = true;
            return starter;
        } finally {
            if (!prepared) {
                processes.close();
            }
        }
    }

    @Override
    public WorkerProcess start(Path home, NativeGrants grants) throws IOException {
        WorkerProgram program = programs.get();
        ConfinedProcess process = processes.start(new ProcessPlan(
                program.command(),
                program.environment(),
                home,
                program.readable(),
                grants.folders().stream()
                        .map(folder -> new Grant(folder.path(), folder.writable()))
                        .toList(),
                grants.network(),
                program.kind().equals("c") ? Lockdown.C : Lockdown.JVM));
        boolean owned = false;
        try {
            process.own(home);
            owned = true;
            return new Confined(process);
        } finally {
            if (!owned) {
                process.close();
            }
        }
    }

    @Override
    public List<String> missing() {
        return processes.missing().entrySet().stream()
                .filter(layer -> required.contains(layer.getKey()))
                .map(layer -> layer.getKey().label() + ": " + layer.getValue())
                .toList();
    }

    @Override
    public List<String> missing(WorkerProcess process) {
        Confined confined = (Confined) process;
        return required.stream()
                // Limits are set with the first plugin.
                .filter(layer ->
                        (layer != ConfinementLayer.LIMITS || confined.limited) && !confined.process.isActive(layer))
                .map(ConfinementLayer::label)
                .map(layer -> process.unenforced().stream()
                        .filter(text -> text.startsWith(layer + ":"))
                        .findFirst()
                        .orElse(layer))
                .toList();
    }

    @Override
    public void close() {
        processes.close();
    }

    private static final class Confined implements WorkerProcess {

        private final ConfinedProcess process;
        private volatile boolean limited;

        Confined(ConfinedProcess process) {
            this.process = process;
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public OutputStream requests() {
            return process.requests();
        }

        @Override
        public InputStream replies() {
            return process.replies();
        }

        @Override
        public InputStream log() {
            return process.log();
        }

        @Override
        public void own(Path file) throws IOException {
            process.own(file);
        }

        @Override
        public void limit(WorkerLimits limits) {
            process.limit(
                    new ResourceLimits(limits.memoryBytes(), limits.fileBytes(), limits.openFiles(), limits.threads()));
            limited = true;
        }

        @Override
        public void confine(FrameBytes frame) {
            ConfineRequest request = process.request();
            frame.u32(request.uid()).u32(request.gid()).u32(request.flags()).bytes(request.filter());
        }

        @Override
        public void confined(Map<ConfineStep, Integer> errnos) {
            process.confirmed(errnos);
        }

        @Override
        public List<String> layers() {
            return process.layers();
        }

        @Override
        public List<String> unenforced() {
            return process.unenforced();
        }

        @Override
        public void kill() {
            process.kill();
        }

        @Override
        public Optional<Death> deathWithin(Duration bound) throws InterruptedException {
            return process.awaitDeath(bound).map(Confined::death);
        }

        private static Death death(org.circleosd.pluginmanager.worker.linux.Death end) {
            return switch (end.cause()) {
                case SIGNAL -> new Death(end.number(), 0);
                case EXIT -> new Death(0, end.number());
                case UNKNOWN -> new Death(0, -1);
            };
        }

        @Override
        public void close() {
            try {
                process.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.ERROR, "a worker of native plugins: {0}", e.getMessage());
            }
        }
    }
}
