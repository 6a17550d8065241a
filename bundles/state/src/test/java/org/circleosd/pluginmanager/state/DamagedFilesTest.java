package org.circleosd.pluginmanager.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.state.FrameReader.Rest;
import org.circleosd.pluginmanager.state.Recovery.Found;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random damage to journals and snapshots is never read as something that was not written, nor passed over in silence. */
@Timeout(120)
class DamagedFilesTest {

    private static final int DAMAGES = 10_000;
    private static final int COMMITS = 60;

    private final Logger log = Logger.getLogger("org.circleosd.pluginmanager.state");
    private final Set<Map<String, String>> states = new LinkedHashSet<>();

    @BeforeEach
    void beQuiet() {
        log.setLevel(Level.OFF);
    }

    @AfterEach
    void speak() {
        log.setLevel(null);
    }

    @Test
    void randomDamage_neverGivesOtherValues_norOlderOnesInSilence() throws IOException {
        Script script = new Script();
        FakeDisk whole = disk(script, true);
        assertThat(whole.names().stream().filter(name -> name.startsWith("snapshot.")))
                .hasSize(2);
        int stopped = 0;
        int repaired = 0;
        for (int seed = 0; seed < DAMAGES; seed++) {
            FakeDisk disk = whole.copy();
            String what = damage(disk, new Random(seed));
            Found found = Recovery.read(disk);
            Map<String, String> values = Script.read(found.entries());
            boolean isReported = found.corruption() != null
                    || !found.notes().isEmpty()
                    || !found.isClosed()
                    || found.rest() != Rest.NOTHING;
            assertThat(states).as("seed %d: %s", seed, what).contains(values);
            if (!isReported) {
                assertThat(values).as("seed %d: %s", seed, what).isEqualTo(script.acknowledged());
            }
            stopped += found.corruption() != null ? 1 : 0;
            repaired += found.corruption() == null && isReported ? 1 : 0;
        }
        assertThat(stopped).isGreaterThan(DAMAGES / 50);
        assertThat(repaired).isGreaterThan(DAMAGES / 50);
    }

    @Test
    void damagedStore_refusesOrGoesOn_andKeepsWhatItShows() {
        Script script = new Script();
        FakeDisk whole = disk(script, false);
        for (int seed = 0; seed < 300; seed++) {
            FakeDisk disk = whole.copy();
            String what = damage(disk, new Random(seed));
            QueuedStore store = Script.open(disk);
            Map<String, String> values = Script.read(store);
            assertThat(states).as("seed %d: %s", seed, what).contains(values);
            boolean isWritable = tryToCommit(store);
            store.close();
            QueuedStore again = Script.open(disk);
            assertThat(Script.read(again)).as("seed %d: %s", seed, what).isEqualTo(values);
            assertThat(again.entries("other")).hasSize(isWritable ? 1 : 0);
            again.close();
        }
    }

    private static boolean tryToCommit(QueuedStore store) {
        try {
            store.commit(List.of(StateStoreContract.put("other", "key", "value")));
            return true;
        } catch (PluginException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.STATE_CORRUPT);
            return false;
        }
    }

    /** Makes a disk with journals and snapshots; {@link #states} has all that was true at some time. */
    private FakeDisk disk(Script script, boolean closes) {
        FakeDisk disk = new FakeDisk(0);
        QueuedStore store = Script.open(disk);
        states.add(script.acknowledged());
        for (int i = 0; i < COMMITS; i++) {
            script.commit(store, 1);
            states.add(script.acknowledged());
        }
        FakeDisk unclosed = disk.copy();
        store.close();
        return closes ? disk : unclosed;
    }

    private static String damage(FakeDisk disk, Random random) {
        List<String> names = new ArrayList<>(disk.names());
        String name = names.get(random.nextInt(names.size()));
        byte[] content = disk.content(name);
        int at = random.nextInt(content.length);
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> {
                content[at] ^= (byte) (1 << random.nextInt(8));
                disk.put(name, content);
                return "a flipped bit at " + at + " of " + name;
            }
            case 3 -> {
                disk.put(name, Arrays.copyOf(content, at));
                return name + " cut at " + at;
            }
            case 4 -> {
                int until = Math.min(content.length, at + 1 + random.nextInt(600));
                Arrays.fill(content, at, until, (byte) 0);
                disk.put(name, content);
                return "zeroes from " + at + " to " + until + " of " + name;
            }
            case 5 -> {
                byte[] longer = Arrays.copyOf(content, content.length + 1 + random.nextInt(600));
                for (int i = content.length; i < longer.length; i++) {
                    longer[i] = (byte) random.nextInt();
                }
                disk.put(name, longer);
                return "noise behind " + name;
            }
            case 6 -> {
                String other = names.get(random.nextInt(names.size()));
                disk.put(name, disk.content(other));
                return other + " in the place of " + name;
            }
            default -> {
                int length = Math.min(content.length - at, 1 + random.nextInt(300));
                int from = random.nextInt(content.length - length + 1);
                System.arraycopy(content.clone(), from, content, at, length);
                disk.put(name, content);
                return length + " bytes of " + name + " from " + from + " once more at " + at;
            }
        }
    }
}
