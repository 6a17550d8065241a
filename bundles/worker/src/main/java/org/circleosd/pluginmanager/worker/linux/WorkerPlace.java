package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What one process has to itself: a user and a control group, as far as there are any. */
final class WorkerPlace {

    private final OptionalInt user;
    private final @Nullable ControlGroup group;
    private final String groupFailure;
    private final Runnable giveBack;
    private final AtomicBoolean left = new AtomicBoolean();

    private WorkerPlace(OptionalInt user, @Nullable ControlGroup group, String groupFailure, Runnable giveBack) {
        this.user = user;
        this.group = group;
        this.groupFailure = groupFailure;
        this.giveBack = giveBack;
    }

    /** Takes what there is. */
    static WorkerPlace take(@Nullable WorkerUsers users, @Nullable ControlGroups groups) {
        OptionalInt user = users == null ? OptionalInt.empty() : users.take();
        ControlGroup group = null;
        String failure = "";
        if (groups != null) {
            try {
                group = groups.make();
            } catch (IOException e) {
                failure = String.valueOf(e.getMessage());
            }
        }
        ControlGroup made = group;
        return new WorkerPlace(user, made, failure, () -> {
            if (users != null && user.isPresent()) {
                users.giveBack(user.getAsInt());
            }
            if (groups != null && made != null) {
                groups.remove(made);
            }
        });
    }

    /** Returns the number of user and group. */
    OptionalInt user() {
        return user;
    }

    /** Returns the control group. */
    @Nullable
    ControlGroup group() {
        return group;
    }

    /** Returns why there is no control group; empty if there is one, or none was to be had from the beginning. */
    String groupFailure() {
        return groupFailure;
    }

    /** Gives it back; after the end of the process. */
    void leave() {
        if (left.compareAndSet(false, true)) {
            giveBack.run();
        }
    }
}
