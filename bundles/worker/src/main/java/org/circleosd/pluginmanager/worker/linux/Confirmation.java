package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;

/** Compares what a process was asked for with what it says it did, and with what the system shows of its threads. */
record Confirmation(int pid, ConfineRequest request, Map<ConfineStep, Integer> steps) {

    /** The one from the thread that started it and its own. */
    private static final int FILTERS = 2;

    void reportTo(LayerReport report) {
        if (request.uid() != SelfConfinement.SAME_USER) {
            confirm(report, ConfinementLayer.USER, ConfineStep.USER, this::hasUser);
        }
        if (request.filter().length > 0) {
            confirm(report, ConfinementLayer.SECCOMP, ConfineStep.FILTER, Confirmation::hasFilters);
        }
        if ((request.flags() & ConfineRequest.EXACT_MEMORY) != 0) {
            confirm(report, ConfinementLayer.EXACT_MEMORY, ConfineStep.EXACT_MEMORY, thread -> true);
        }
        String failed = failure(ConfineStep.PARENT_DEATH);
        if (!failed.isEmpty()) {
            report.partly(ConfinementLayer.PROCESS, "it does not end at once when the daemon is killed: " + failed);
        }
    }

    private void confirm(
            LayerReport report, ConfinementLayer layer, ConfineStep step, Predicate<ProcessStatus> isTrueOf) {
        String failed = failure(step);
        if (!failed.isEmpty()) {
            report.missing(layer, failed);
            return;
        }
        try {
            List<ProcessStatus> threads = ProcessStatus.ofThreads(pid);
            if (threads.stream().allMatch(isTrueOf)) {
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
    private static boolean hasFilters(ProcessStatus thread) {
        boolean counted = thread.fields().containsKey("Seccomp_filters");
        return thread.number("Seccomp") == 2 && (!counted || thread.number("Seccomp_filters") >= FILTERS);
    }
}
