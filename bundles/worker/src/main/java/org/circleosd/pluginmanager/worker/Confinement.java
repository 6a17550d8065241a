package org.circleosd.pluginmanager.worker;

import com.sun.jna.Platform;
import java.util.EnumMap;
import java.util.Map;
import org.circleosd.pluginmanager.worker.linux.SelfConfinement;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;

/** What this process does against itself, where the system offers it. */
final class Confinement {

    /** The errno of what a system does not have. */
    private static final int NOT_THERE = 38;

    private Confinement() {}

    /** Sees to it that this process does not outlive the daemon. Every system has a second way: the pipe's end. */
    static void endWithParent() {
        if (Platform.isLinux()) {
            int errno = SelfConfinement.armParentDeath();
            if (errno != 0) {
                WorkerProgram.log("the parent-death signal was refused, errno " + errno);
            }
        }
    }

    /** Does as {@link org.circleosd.pluginmanager.worker.wire.FrameKind#CONFINE} says, and returns the errno of each step. */
    static Map<ConfineStep, Integer> confine(int uid, int gid, boolean exactMemory, byte[] filter) {
        if (Platform.isLinux()) {
            return SelfConfinement.confine(uid, gid, exactMemory, filter);
        }
        Map<ConfineStep, Integer> steps = new EnumMap<>(ConfineStep.class);
        if (uid != -1) {
            steps.put(ConfineStep.USER, NOT_THERE);
        }
        if (exactMemory) {
            steps.put(ConfineStep.EXACT_MEMORY, NOT_THERE);
        }
        if (filter.length > 0) {
            steps.put(ConfineStep.FILTER, NOT_THERE);
        }
        return steps;
    }
}
