package org.circleosd.pluginmanager.api;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Says who signed an image and what the operator grants it. Thread-safe. */
@ProviderType
public interface TrustPolicy {

    /**
     * Checks who signed an image.
     *
     * @return the signer's name; empty if the image is unsigned and that is allowed
     * @throws PluginException {@link ErrorCode#UNSIGNED}, {@link ErrorCode#SIGNATURE_INVALID},
     *     {@link ErrorCode#KEY_UNTRUSTED}, {@link ErrorCode#KEY_EXPIRED}, {@link ErrorCode#REVOKED} or
     *     {@link ErrorCode#ROLLBACK_REFUSED}
     */
    Optional<String> verify(PluginImage image, PluginManifest manifest);

    /**
     * Decides what a plugin gets of what its manifest asks.
     *
     * @param image what would run
     * @param signer what {@link #verify} returned
     * @return the grants; those not asked for are never among them
     * @throws PluginException {@link ErrorCode#CAPABILITY_DENIED} naming the first capability that is refused
     */
    List<CapabilityGrant> grant(PluginImage image, PluginManifest manifest, Optional<String> signer);
}
