package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.ManifestParser;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginVersionRange;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.TrustPolicy;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/** Makes checked content of a plugin file or of a record: copy, manifest, trust, grants, limits; nothing runs yet. */
final class Preparation {

    final ServiceGate<ManifestParser> parsers;
    final ServiceGate<TrustPolicy> trusts;
    final ImageStore images;
    final Linking linking;

    private final LimitPolicy limits;
    private final Version hostVersion;

    Preparation(ImageStore images, LimitPolicy limits, Version hostVersion, Duration wait, Duration drain) {
        this.images = images;
        this.linking = new Linking(images);
        this.limits = limits;
        this.hostVersion = hostVersion;
        this.parsers = new ServiceGate<>("manifest parser", wait, drain);
        this.trusts = new ServiceGate<>("trust policy", wait, drain);
    }

    /** Returns the time of one call when a manifest asks for none. */
    Duration defaultTimeout() {
        return limits.defaults().timeout();
    }

    PluginManifest parse(ManifestSource source) {
        return parsers.call(source::parse);
    }

    /**
     * Returns what a kept plugin needs, if its manifest can be read at this moment; else nothing: it does not run, and is
     * looked at again before it does.
     */
    Map<PluginId, PluginVersionRange> dependencies(PluginRecord record) {
        try {
            return parsers.isBound() ? parse(record.source()).dependencies() : Map.of();
        } catch (PluginException e) {
            return Map.of();
        }
    }

    /** Checks a copied plugin file: host version, signature, grants, limits. */
    PluginContent check(PluginRecord record, PluginImage image, PluginManifest manifest) {
        manifest.hostRange().ifPresent(this::checkHost);
        CallRights.checkAsked(manifest);
        return trusts.call(trust -> {
            Optional<String> signer = trust.verify(image, manifest);
            List<CapabilityGrant> grants = trust.grant(image, manifest, signer);
            return new PluginContent(
                    record,
                    image,
                    manifest,
                    signer,
                    grants,
                    limits.apply(manifest.limits()),
                    limits.valueBytes(grants),
                    limits.errorBudget(manifest));
        });
    }

    private void checkHost(String range) {
        if (!VersionRange.valueOf(range).includes(hostVersion)) {
            throw new PluginException(
                    ErrorCode.INCOMPATIBLE,
                    "the plugin needs a host of version " + range + "; this one is " + hostVersion);
        }
    }
}
