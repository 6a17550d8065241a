package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults as in {@link BareEngineTest}, of Chicory only: its successor does not have them. */
class BareChicoryTest {

    @ParameterizedTest
    @MethodSource("org.circleosd.pluginmanager.engine.chicory.BareEngineTest#machines")
    void copiedReference_getsTheOwnerOfTheSlotThatItReplaces(Function<Instance, Machine> machines) {
        Instance base = BareEngineTest.base(machines);
        Instance user = BareEngineTest.user(base, machines);

        user.export("copy").apply(5, 0, 1);

        assertThat(base.table(0).instance(5)).isNotSameAs(base.table(0).instance(0));
    }
}
