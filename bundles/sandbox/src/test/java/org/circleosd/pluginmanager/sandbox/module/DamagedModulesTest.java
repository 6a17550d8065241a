package org.circleosd.pluginmanager.sandbox.module;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.engine.chicory.ChicoryEngine;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cuts the example modules off at every byte and damages them in 5,000 ways each. Whatever the check lets through goes to
 * the engine, as far as {@link #ENGINE_BYTES} allow.
 */
@Timeout(600)
class DamagedModulesTest {

    private static final int MUTANTS = 5_000;

    /** Bytes of mutants of one example that are compiled, at least one mutant. Set it high to compile all that are accepted. */
    private static final long ENGINE_BYTES = Long.getLong("damaged.modules.engine.bytes", 50_000);

    private static final Set<ErrorCode> ALLOWED =
            Set.of(ErrorCode.PLUGIN_INVALID, ErrorCode.INCOMPATIBLE, ErrorCode.LIMIT_EXCEEDED);

    static Stream<Path> modules() throws IOException {
        try (Stream<Path> test = Files.list(Path.of("src/test/plugins"));
                Stream<Path> examples = Files.walk(Path.of("../../plugins"))) {
            List<Path> files = Stream.concat(test, examples)
                    .filter(file -> file.toString().endsWith(".wasm"))
                    .sorted()
                    .toList();
            assertThat(files).hasSizeGreaterThan(10);
            return files.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("modules")
    void moduleCutOffAnywhere_isRefusedOrWhole(Path file) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            if (isAccepted(part, file + " cut off at " + length)) {
                // Only between sections: then what is left is a module of its own.
                ModuleInterface.of(part);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modules")
    void damagedModule_isRefusedOrCompiles(Path file) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        ChicoryEngine engine = new ChicoryEngine();
        long bytes = 0;
        int compiled = 0;
        for (int i = 0; i < MUTANTS; i++) {
            byte[] mutant = Mutants.mutant(whole, i);
            String name = file + " mutant " + i;
            if (isAccepted(mutant, name)) {
                ModuleInterface.of(mutant);
                if (bytes < ENGINE_BYTES) {
                    compile(engine, mutant, name);
                    compiled++;
                }
                bytes += mutant.length;
            }
        }
        assertThat(compiled).as("mutants of %s that are valid", file).isPositive();
    }

    private static boolean isAccepted(byte[] module, String name) {
        try {
            ModuleCheck.check(module);
            return true;
        } catch (PluginException e) {
            if (!ALLOWED.contains(e.code())) {
                throw new AssertionError(name, e);
            }
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(name, e);
        }
    }

    private static void compile(ChicoryEngine engine, byte[] module, String name) {
        try {
            engine.compile(module).close();
        } catch (RuntimeException | Error e) {
            throw new AssertionError(name + " is valid, but the engine does not compile it", e);
        }
    }
}
