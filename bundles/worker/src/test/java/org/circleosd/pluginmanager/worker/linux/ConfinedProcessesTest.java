package org.circleosd.pluginmanager.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConfinedProcessesTest {

    @TempDir
    private static Path folder;

    private static Path program;
    private static ConfinedProcesses processes;

    @BeforeAll
    static void prepare() throws Exception {
        program = Tries.compile(folder);
        processes = ConfinedProcesses.prepare(ConfinementSettings.DEFAULT);
    }

    @AfterAll
    static void close() {
        processes.close();
    }

    @Test
    void environment_isOnlyWhatThePlanSays() throws Exception {
        try (Tries tries = Tries.startLocked(processes, program, Tries.Plan.C)) {

            assertThat(tries.ask("env")).isEqualTo("ONLY=this env ok");
        }
    }
}
