package org.circleosd.pluginmanager.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.circleosd.pluginmanager.api.StateStore.Change;

/** Changes of one caller, who waits until they are on disk or were refused. */
final class Commit {

    private final List<Change> changes;
    private final byte[] encoded;
    private final CompletableFuture<Optional<Failure>> result = new CompletableFuture<>();

    /** Takes changes; the arrays in them stay the caller's. */
    Commit(List<Change> changes) {
        encoded = ChangeFormat.encode(changes);
        this.changes = new ArrayList<>(changes.size());
        for (Change change : changes) {
            byte[] value = change.value();
            this.changes.add(new Change(change.bucket(), change.key(), value == null ? null : value.clone()));
        }
    }

    List<Change> changes() {
        return changes;
    }

    byte[] encoded() {
        return encoded;
    }

    void succeed() {
        result.complete(Optional.empty());
    }

    void fail(Failure failure) {
        result.complete(Optional.of(failure));
    }

    /**
     * Waits for the end. An interruption does not shorten that: what has begun cannot be withdrawn, and a disk is all
     * that it waits for.
     */
    void await() {
        result.join().ifPresent(failure -> {
            throw failure.toException();
        });
    }
}
