package org.circleosd.pluginmanager.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.circleosd.pluginmanager.state.FakeDisk.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk that fails, once or from then on, or loses its power, at each of its operations. */
@Timeout(120)
class FailingDiskTest {

    private static final int FAULTS = 200;
    private static final int COMMITS = 60;

    private final Logger log = Logger.getLogger("org.circleosd.pluginmanager.state");

    @BeforeEach
    void beQuiet() {
        log.setLevel(Level.OFF);
    }

    @AfterEach
    void speak() {
        log.setLevel(null);
    }

    @ParameterizedTest
    @EnumSource
    void diskThatFailsOnce_losesAndHalvesNothing(Fault fault) {
        for (int at = 1; at <= FAULTS; at++) {
            run(at, at + 1, fault);
        }
    }

    @ParameterizedTest
    @EnumSource
    void diskThatFailsFromThenOn_losesAndHalvesNothing(Fault fault) {
        for (int at = 1; at <= FAULTS; at++) {
            run(at, Integer.MAX_VALUE, fault);
        }
    }

    private static void run(int from, int until, Fault fault) {
        FakeDisk disk = new FakeDisk(from);
        Script script = new Script();
        disk.failAt(from, until, fault);
        QueuedStore store = Script.open(disk);
        script.commit(store, COMMITS);
        assertThat(Script.read(store)).isEqualTo(script.acknowledged());
        store.close();
        assertThat(disk.operations()).isGreaterThanOrEqualTo(Math.min(from, FAULTS));
        disk.heal();

        // The machine goes on: the next process sees what the first one wrote, durable or not.
        store = Script.open(disk);
        script.check(store);
        int before = script.succeeded();
        script.commit(store, 3);
        assertThat(script.succeeded()).as("commits after the restart").isEqualTo(before + 3);

        // And then the power fails, with what a failing force has lost.
        store = Script.open(disk.afterPowerCut(from));
        script.check(store);
        store.close();
    }

    @Test
    void diskThatIsFullForAWhile_goesOnWithoutARestart() {
        int went = 0;
        for (int at = 1; at <= FAULTS; at++) {
            FakeDisk disk = new FakeDisk(at);
            Script script = new Script();
            QueuedStore store = Script.open(disk);
            script.commit(store, 1);
            disk.failAt(disk.operations() + at, disk.operations() + at + 1, Fault.FULL);
            script.commit(store, COMMITS);
            disk.heal();
            int before = script.succeeded();
            script.commit(store, 2);
            // Not after a failed force: then nobody knows what is on the disk.
            went += script.succeeded() == before + 2 ? 1 : 0;
            store.close();
            store = Script.open(disk.afterPowerCut(at));
            script.check(store);
            store.close();
        }
        assertThat(went).isGreaterThan(FAULTS / 4);
    }

    @Test
    void powerCutAtEachOperation_losesAndHalvesNothing() {
        FakeDisk whole = new FakeDisk(0);
        QueuedStore all = Script.open(whole);
        new Script().commit(all, COMMITS);
        all.close();
        for (int at = 1; at <= whole.operations() + 1; at++) {
            for (int variant = 0; variant < 2; variant++) {
                FakeDisk disk = new FakeDisk(at);
                disk.failAt(at, Integer.MAX_VALUE, Fault.INPUT_OUTPUT);
                Script script = new Script();
                QueuedStore store = Script.open(disk);
                script.commit(store, COMMITS);
                store.close();

                FakeDisk after = disk.afterPowerCut(1000L * at + variant);
                store = Script.open(after);
                script.check(store);
                int before = script.succeeded();
                script.commit(store, 2);
                assertThat(script.succeeded()).isEqualTo(before + 2);
                store = Script.open(after.afterPowerCut(at));
                script.check(store);
                store.close();
            }
        }
    }
}
