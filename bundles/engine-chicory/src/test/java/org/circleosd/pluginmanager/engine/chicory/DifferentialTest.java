package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Older JVMs compile some of Chicory's code wrongly (dylibso/chicory #843): what runs in our engine, warm, must equal
 * what the library's own interpreter computes on the library's own memory.
 */
@Timeout(120)
class DifferentialTest {

    private static final int ROUNDS = 500;
    private static final int WARM_CALLS = 300;

    @Test
    void compiledCode_computesWhatTheInterpreterComputes() {
        Instance interpreted = Instance.builder(Parser.parse(Modules.bytes("kernel")))
                .withMemoryFactory(ByteArrayMemory::new)
                .build();
        try (WasmInstance compiled = Modules.instantiate("kernel")) {
            for (long seed = 1; seed <= 3; seed++) {
                long expected = interpreted.export("run").apply(seed, ROUNDS)[0];
                for (int i = 0; i < WARM_CALLS; i++) {
                    assertThat(call(compiled, "run", seed, ROUNDS))
                            .as("seed %d, call %d", seed, i)
                            .isEqualTo(expected);
                }
                assertThat(compiled.memory().orElseThrow().read(0, 131072))
                        .isEqualTo(interpreted.memory().readBytes(0, 131072));
            }
        }
    }
}
