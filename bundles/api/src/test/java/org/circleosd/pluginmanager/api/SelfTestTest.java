package org.circleosd.pluginmanager.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.circleosd.pluginmanager.api.PluginManifest.SelfTest;
import org.junit.jupiter.api.Test;

class SelfTestTest {

    private static final SelfTest TEST =
            new SelfTest("greet", "you".getBytes(UTF_8), Optional.of("hello".getBytes(UTF_8)));

    @Test
    void expectedAnswer_passes() {
        List<String> payloads = new ArrayList<>();
        TEST.check(payload -> {
            payloads.add(new String(payload, UTF_8));
            return "hello".getBytes(UTF_8);
        });
        assertThat(payloads).containsExactly("you");
    }

    @Test
    void anotherAnswer_failsAndIsShownInOneShortLine() {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> TEST.check(payload -> ("bye\n" + "x".repeat(300)).getBytes(UTF_8)))
                .withMessage("the manifest's selftest 'greet' answered 'bye?" + "x".repeat(196)
                        + "...' (304 bytes); expected 'hello'")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.PLUGIN_FAILED);
    }

    @Test
    void callThatFails_failsWithItsCode() {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> TEST.check(payload -> {
                    throw new PluginException(ErrorCode.TIMEOUT, "timed out");
                }))
                .withMessage("the manifest's selftest 'greet': timed out")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.TIMEOUT);
    }

    @Test
    void noExpectedAnswer_takesAny() {
        new SelfTest("greet", new byte[0], Optional.empty()).check(payload -> new byte[] {1});
    }
}
