package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;

/** Compares what a process was asked for with what it says it did, and with what the system shows of its threads. */
record Confirmation(int pid, ConfineRequest request, Map<ConfineStep, Integer> steps) {

    /** The one of the thread that started it and its own, besides those that the daemon has. */
    private static final int FILTERS = 2;

    private static final int FILTER_MODE = 2;
    private static final String FILTER_COUNT = "Seccomp_filters";

    void reportTo(LayerReport report) {
        if (request.uid() != SelfConfinement.SAME_USER) {
            confirm(report, ConfinementLayer.USER, ConfineStep.USER, (daemon, thread) -> hasUser(thread));
        }
        if (request.filter().length > 0) {
            confirm(report, ConfinementLayer.SECCOMP, ConfineStep.FILTER, Confirmation::hasFilters);
        }
        if ((request.flags() & ConfineRequest.EXACT_MEMORY) != 0) {
            confirm(report, ConfinementLayer.EXACT_MEMORY, ConfineStep.EXACT_MEMORY, (daemon, thread) -> true);
        }
        String failed = failure(ConfineStep.PARENT_DEATH);
        if (!failed.isEmpty()) {
            report.partly(ConfinementLayer.PROCESS, "it does not end at once when the daemon is killed: " + failed);
        }
    }

    private void confirm(
            LayerReport report,
            ConfinementLayer layer,
            ConfineStep step,
            BiPredicate<ProcessStatus, ProcessStatus> isTrueOf) {
        String failed = failure(step);
        if (!failed.isEmpty()) {
            report.missing(layer, failed);
            return;
        }
        try {
            ProcessStatus daemon = ProcessStatus.ofSelf();
            List<ProcessStatus> threads = ProcessStatus.ofThreads(pid);
            if (threads.stream().allMatch(thread -> isTrueOf.test(daemon, thread))) {
                report.active(layer);
            } else {
                report.missing(layer, "not on all threads of the worker");
            }
        } catch (IOException e) {
            report.missing(layer, "cannot be looked up: " + e.getMessage());
        }
    }

    private String failure(ConfineStep step) {
        Integer errno = steps.get(step);
        if (errno == null) {
            return "the worker did not carry it out";
        }
        return errno == 0 ? "" : "the worker could not: " + Errno.text(errno);
    }

    private boolean hasUser(ProcessStatus thread) {
        String user = Integer.toString(request.uid());
        String four = String.join(" ", user, user, user, user);
        return thread.text("Uid").equals(four) && thread.text("Gid").equals(four);
    }

    // The number of filters is shown from Linux 5.9 on; before that all that is shown is that there is one.
    private static boolean hasFilters(ProcessStatus daemon, ProcessStatus thread) {
        boolean counted = thread.fields().containsKey(FILTER_COUNT);
        return thread.number("Seccomp") == FILTER_MODE
                && (!counted || thread.number(FILTER_COUNT) >= daemon.number(FILTER_COUNT) + FILTERS);
    }
}
