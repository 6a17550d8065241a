package org.circleosd.pluginmanager.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.api.Capability;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.ManifestLimits;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.Sha256;
import org.junit.jupiter.api.Test;

class UnverifiedTrustPolicyTest {

    private static final PluginImage IMAGE =
            new PluginImage(new Sha256("0".repeat(64)), Path.of("/store/x"), 8, Path.of("/tmp/x.wasm"));

    private final UnverifiedTrustPolicy policy = new UnverifiedTrustPolicy();

    @Test
    void anyImage_isTakenAndHasNoSigner() {
        assertThat(policy.verify(IMAGE, asking())).isEmpty();
    }

    @Test
    void manifestThatAsksForNothing_getsNothing() {
        assertThat(policy.grant(IMAGE, asking(), Optional.empty())).isEmpty();
    }

    @Test
    void manifestThatAsks_isRefusedNamingTheFirstCapability() {
        PluginManifest manifest =
                asking(new Capability("net", "[\"example.com:443\"]"), new Capability("random", "true"));

        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> policy.grant(IMAGE, manifest, Optional.empty()))
                .withMessage("the manifest of 'hello' asks for the capability 'net'; this version grants none. "
                        + "Remove it from /capabilities, or use a version that has grants")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.CAPABILITY_DENIED);
    }

    private static PluginManifest asking(Capability... capabilities) {
        return new PluginManifest(
                "hello",
                "1.0",
                "",
                PluginType.WASM,
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(capabilities),
                ManifestLimits.NONE,
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty());
    }
}
