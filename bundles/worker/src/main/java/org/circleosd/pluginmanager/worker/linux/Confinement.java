package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.circleosd.pluginmanager.worker.linux.OwnerThread.Step;
import org.jspecify.annotations.Nullable;

/** The layers that work on this system, for this daemon. */
final class Confinement implements AutoCloseable {

    private static final Step NO_NEW_PRIVILEGES =
            new Step("give up new privileges", Libc.PRCTL.prepare(Libc.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));

    private final Machine machine;
    private final boolean confined;
    private final Map<ConfinementLayer, String> missing = new EnumMap<>(ConfinementLayer.class);
    private @Nullable Landlock landlock;
    private @Nullable FilterMemory baseFilter;
    private @Nullable WorkerUsers users;
    private @Nullable EmptyNetwork network;
    private @Nullable ControlGroups groups;

    private Confinement(Machine machine, boolean confined) {
        this.machine = machine;
        this.confined = confined;
    }

    /** Tries each layer. */
    static Confinement prepare(
            Machine machine, ConfinementSettings settings, Path userLocks, Set<ConfinementLayer> without) {
        Confinement all = new Confinement(machine, settings.confined());
        for (ConfinementLayer layer : ConfinementLayer.values()) {
            if (layer != ConfinementLayer.PROCESS && (!settings.confined() || without.contains(layer))) {
                all.missing.put(layer, "switched off by the configuration");
                continue;
            }
            try {
                all.attempt(layer, settings, userLocks);
            } catch (IOException e) {
                all.missing.put(layer, String.valueOf(e.getMessage()));
            }
        }
        return all;
    }

    private void attempt(ConfinementLayer layer, ConfinementSettings settings, Path userLocks) throws IOException {
        switch (layer) {
            case LANDLOCK -> landlock = Landlock.ofKernel(machine);
            case SECCOMP -> baseFilter = baseFilter(machine);
            case USER -> users = WorkerUsers.open(machine, userLocks, settings.firstUser(), settings.lastUser());
            case NETWORK -> network = EmptyNetwork.make();
            case GROUP -> groups = ControlGroups.prepare(ControlFolders.ofSelf());
            case EXACT_MEMORY -> {
                if (Libc.PRCTL.call(Libc.PR_GET_MDWE, 0, 0, 0, 0) < 0) {
                    throw new IOException("this kernel is older than Linux 6.3");
                }
            }
            // Every Linux has these.
            case PROCESS, LIMITS -> {}
        }
    }

    private static FilterMemory baseFilter(Machine machine) throws IOException {
        try (Memory action = new Memory(Integer.BYTES)) {
            action.setInt(0, Rule.KILL.value());
            int result = Libc.SYSCALL.call(
                    machine.number(Syscall.SECCOMP), Libc.SECCOMP_GET_ACTION_AVAIL, 0, Pointer.nativeValue(action));
            if (result != 0) {
                throw new IOException("this kernel has no seccomp filters: " + Errno.text(CFunction.errno()));
            }
            return new FilterMemory(Filters.base(machine));
        }
    }

    Map<ConfinementLayer, String> missing() {
        return Collections.unmodifiableMap(missing);
    }

    boolean limits() {
        return !missing.containsKey(ConfinementLayer.LIMITS);
    }

    WorkerPlace takePlace() {
        return WorkerPlace.take(users, groups);
    }

    /** Prepares the way into the layers for one process. */
    Entrance entrance(ProcessPlan plan) throws IOException {
        List<Step> steps = new ArrayList<>();
        if (network != null && !plan.network()) {
            steps.addAll(network.enter());
        }
        if (confined) {
            steps.add(NO_NEW_PRIVILEGES);
        }
        Descriptor rules = null;
        if (landlock != null) {
            rules = landlock.rules(plan);
            steps.add(new Step("enter Landlock", landlock.enter(rules)));
        }
        if (baseFilter != null) {
            PreparedCall install = Libc.SYSCALL.prepare(
                    machine.number(Syscall.SECCOMP), Libc.SECCOMP_SET_MODE_FILTER, 0, baseFilter.address());
            steps.add(new Step("install the seccomp filter", install));
        }
        return new Entrance(List.copyOf(steps), rules);
    }

    /** Says what the process has to do itself. */
    ConfineRequest request(ProcessPlan plan, int pid, WorkerPlace place) {
        int user = place.user().orElse(SelfConfinement.SAME_USER);
        boolean exactMemory =
                confined && plan.lockdown() == Lockdown.C && !missing.containsKey(ConfinementLayer.EXACT_MEMORY);
        byte[] filter =
                baseFilter == null ? new byte[0] : Filters.lockdown(plan.lockdown(), machine, pid, plan.network());
        return new ConfineRequest(user, exactMemory ? ConfineRequest.EXACT_MEMORY : 0, filter);
    }

    /** Begins the report of a process that was started. */
    LayerReport report(ProcessPlan plan, WorkerPlace place) {
        LayerReport report = new LayerReport();
        missing.forEach(report::missing);
        report.active(ConfinementLayer.PROCESS);
        if (landlock != null) {
            report.active(ConfinementLayer.LANDLOCK, "landlock:" + landlock.version());
        }
        if (network != null) {
            if (plan.network()) {
                report.missing(ConfinementLayer.NETWORK, "the network is granted");
            } else {
                report.active(ConfinementLayer.NETWORK);
            }
        }
        if (users != null && place.user().isEmpty()) {
            report.missing(ConfinementLayer.USER, "all users of the configured range are taken");
        }
        if (!place.groupFailure().isEmpty()) {
            report.missing(ConfinementLayer.GROUP, place.groupFailure());
        }
        return report;
    }

    @Override
    public void close() {
        if (baseFilter != null) {
            baseFilter.close();
        }
        if (users != null) {
            users.close();
        }
        if (network != null) {
            network.close();
        }
    }

    /**
     * The way into the layers.
     *
     * @param steps calls for the thread that starts the process
     * @param rules what the calls need open
     */
    record Entrance(List<Step> steps, @Nullable Descriptor rules) implements AutoCloseable {

        @Override
        public void close() {
            if (rules != null) {
                rules.close();
            }
        }
    }
}
