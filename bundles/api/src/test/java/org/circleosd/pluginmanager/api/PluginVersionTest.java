package org.circleosd.pluginmanager.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PluginVersionTest {

    private static final List<String> ASCENDING = List.of(
            "June edition",
            "0.0.1",
            "v0.1-alpha",
            "0.1",
            "0.2.10",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1+build.9",
            " 1.0 ",
            "1.0.0.2",
            "1.0.0.10",
            "1.0.0b",
            "V1.0.1",
            "1.9",
            "1.10",
            "20261123104931",
            "99999999999999999999999.1");

    @Test
    void versions_areInTheOrderOfTheirNumbers() {
        List<PluginVersion> shuffled =
                new ArrayList<>(ASCENDING.stream().map(PluginVersion::new).toList());
        Collections.shuffle(shuffled, new Random(20261123));

        Collections.sort(shuffled);

        assertThat(shuffled).extracting(PluginVersion::text).isEqualTo(ASCENDING);
    }

    @ParameterizedTest
    @CsvSource({"1, 1.0.0", "v1.2, 1.2", "1.0+a, 1.0.0+b", "0, any", "01.002, 1.2"})
    void versionsThatMeanTheSame_areNotBeforeOneAnother(String one, String other) {
        assertThat(new PluginVersion(one)).isEqualByComparingTo(new PluginVersion(other));
        assertThat(new PluginVersion(other)).isEqualByComparingTo(new PluginVersion(one));
    }
}
