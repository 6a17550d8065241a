package org.circleosd.pluginmanager.worker.linux;

import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What one process has to itself: a user and a control group. */
final class WorkerPlace {

    private final boolean confined;
    private final OptionalInt user;
    private final @Nullable WorkerUsers users;
    private final AtomicBoolean left = new AtomicBoolean();

    private WorkerPlace(boolean confined, OptionalInt user, @Nullable WorkerUsers users) {
        this.confined = confined;
        this.user = user;
        this.users = users;
    }

    /** Takes a place. */
    static WorkerPlace take(boolean confined, @Nullable WorkerUsers users) {
        return new WorkerPlace(confined, users == null ? OptionalInt.empty() : users.take(), users);
    }

    /** Says whether the process is to be confined at all. */
    boolean confined() {
        return confined;
    }

    /** Returns the number of user and group. */
    OptionalInt user() {
        return user;
    }

    /** Frees all of it; after the end of the process. */
    void leave() {
        if (left.compareAndSet(false, true) && users != null && user.isPresent()) {
            users.giveBack(user.getAsInt());
        }
    }
}
