package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class HugeMethodsTest {

    @Test
    void flag_isReadFromTheJvm() {
        boolean switchedOff =
                ManagementFactory.getRuntimeMXBean().getInputArguments().contains("-XX:-" + HugeMethods.FLAG);

        assertThat(HugeMethods.areLeftToTheInterpreter()).isEqualTo(!switchedOff);
    }

    @Test
    void check_neverFailsTheActivation() {
        assertThatCode(HugeMethods::warnIfNotCompiled).doesNotThrowAnyException();
    }
}
