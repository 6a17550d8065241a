package org.circleosd.pluginmanager.sandbox.module;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Compares the module check with what V8, the engine of Node and Chrome, said of the same modules: random valid ones,
 * made by binaryen's wasm-opt, and mutants of them. {@code bench/validity} compares with more of them and a V8 that is
 * there, and writes down what this test reads.
 */
class V8AgreementTest {

    @Test
    @Timeout(120)
    void modulesAndTheirMutants_areJudgedAsV8DoesBesidesExtensionsAndLimits() throws IOException {
        Map<String, byte[]> modules = modules();
        int valid = 0;
        int invalid = 0;
        for (String line : lines()) {
            String[] words = line.split(" ", -1);
            byte[] module = modules.get(words[0]);
            assertThat(module).as(words[0]).isNotNull();
            assertJudged(module, words[1].equals("1"), words[0]);
            byte[] bits = HexFormat.of().parseHex(words[2]);
            for (int i = 0; i < 8 * bits.length; i++) {
                boolean accepted = (bits[i / 8] & 1 << i % 8) != 0;
                assertJudged(Mutants.mutant(module, i), accepted, words[0] + " mutant " + i);
                valid += accepted ? 1 : 0;
                invalid += accepted ? 0 : 1;
            }
        }
        assertThat(modules).hasSizeGreaterThan(100);
        assertThat(valid).isGreaterThan(2_000);
        assertThat(invalid).isGreaterThan(2_000);
    }

    private static void assertJudged(byte[] module, boolean accepted, String name) {
        Verdict verdict = Verdict.of(module);
        assertThat(verdict.agreesWith(accepted))
                .as("%s: V8 says %s, the module check says %s", name, accepted ? "valid" : "invalid", verdict)
                .isTrue();
    }

    private static Map<String, byte[]> modules() throws IOException {
        Map<String, byte[]> modules = new HashMap<>();
        try (var zip = new ZipInputStream(V8AgreementTest.class.getResourceAsStream("/v8/modules.zip"))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                modules.put(entry.getName(), zip.readAllBytes());
            }
        }
        return modules;
    }

    private static List<String> lines() throws IOException {
        try (var in = new BufferedReader(new InputStreamReader(
                V8AgreementTest.class.getResourceAsStream("/v8/verdicts.txt"), StandardCharsets.UTF_8))) {
            return in.lines().toList();
        }
    }
}
