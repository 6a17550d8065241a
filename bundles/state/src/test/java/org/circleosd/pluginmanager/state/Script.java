package org.circleosd.pluginmanager.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.StateStore;
import org.circleosd.pluginmanager.api.StateStore.Change;

/** Commits with what a store may show after them. Each changes the same key of two buckets: half of one is found out. */
final class Script {

    /** So small that there are several snapshots. */
    static final long SNAPSHOT_BYTES = 2000;

    private static final int KEYS = 7;
    private static final List<String> BUCKETS = List.of("left", "right");

    /** What all acknowledged commits made. */
    private Map<String, String> acknowledged = new TreeMap<>();
    /** What the store may show: that, or that and one commit whose failure left doubt. */
    private final List<Map<String, String>> allowed = new ArrayList<>(List.of(acknowledged));

    private int next;
    private int succeeded;

    static QueuedStore open(FakeDisk disk) {
        return new QueuedStore(disk, new JournalWriter(disk, Long.MAX_VALUE, SNAPSHOT_BYTES, Runnable::run));
    }

    /** Makes commits; some may fail, and then all that follow, unless it was for want of room. */
    void commit(StateStore store, int count) {
        for (int i = 0; i < count; i++) {
            int number = next++;
            String key = "key-" + number % KEYS;
            boolean deletes = number % 5 == 4;
            Map<String, String> after = new TreeMap<>(acknowledged);
            List<Change> changes = new ArrayList<>();
            for (String bucket : BUCKETS) {
                String value = number + "x".repeat(number * 37 % 400);
                changes.add(new Change(bucket, key, deletes ? null : value.getBytes(StandardCharsets.UTF_8)));
                if (deletes) {
                    after.remove(bucket + "/" + key);
                } else {
                    after.put(bucket + "/" + key, value);
                }
            }
            try {
                store.commit(changes);
                acknowledged = after;
                allowed.clear();
                allowed.add(after);
                succeeded++;
            } catch (PluginException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.STATE_READ_ONLY);
                if (!e.getMessage().contains("nothing was changed") && allowed.size() == 1) {
                    allowed.add(after);
                }
            }
        }
    }

    int succeeded() {
        return succeeded;
    }

    Map<String, String> acknowledged() {
        return acknowledged;
    }

    /** Checks that nothing acknowledged is lost and nothing is half-done; what is there now is what there is from now on. */
    void check(StateStore store) {
        Map<String, String> found = read(store);
        assertThat(allowed).contains(found);
        acknowledged = found;
        allowed.clear();
        allowed.add(found);
    }

    static Map<String, String> read(StateStore store) {
        Map<String, String> found = new TreeMap<>();
        for (String bucket : BUCKETS) {
            store.entries(bucket)
                    .forEach((key, value) -> found.put(bucket + "/" + key, new String(value, StandardCharsets.UTF_8)));
        }
        return found;
    }

    static Map<String, String> read(Entries entries) {
        Map<String, String> found = new TreeMap<>();
        entries.forEach(change ->
                found.put(change.bucket() + "/" + change.key(), new String(change.value(), StandardCharsets.UTF_8)));
        return found;
    }
}
