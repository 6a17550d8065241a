package org.circleosd.pluginmanager.trust;

import java.util.List;
import java.util.Optional;
import org.circleosd.pluginmanager.api.Capability;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.TrustPolicy;
import org.osgi.service.component.annotations.Component;

/**
 * The policy of a host that checks no signatures: it takes any image, names no signer, and grants nothing. A plugin may
 * compute, and a manifest that asks for more is refused.
 */
@Component(service = TrustPolicy.class)
public final class UnverifiedTrustPolicy implements TrustPolicy {

    @Override
    public Optional<String> verify(PluginImage image, PluginManifest manifest) {
        return Optional.empty();
    }

    @Override
    public List<CapabilityGrant> grant(PluginImage image, PluginManifest manifest, Optional<String> signer) {
        for (Capability asked : manifest.capabilities()) {
            throw new PluginException(
                    ErrorCode.CAPABILITY_DENIED,
                    "the manifest of '" + manifest.name() + "' asks for the capability '" + asked.kind()
                            + "'; this version grants none. Remove it from /capabilities, or use a version that has grants");
        }
        return List.of();
    }
}
