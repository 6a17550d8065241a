package org.circleosd.pluginmanager.trust;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.circleosd.pluginmanager.api.Capability;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.TrustPolicy;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.Fault;
import org.circleosd.pluginmanager.json.JsonText;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Grants what the operator's file says, and nothing else: a plugin gets what its manifest asks for as far as the file
 * allows it. Signatures are not checked; there is no signer.
 */
@Component(service = TrustPolicy.class, configurationPid = "org.circleosd.pluginmanager.trust")
public final class OperatorTrustPolicy implements TrustPolicy {

    /** Settings; the file {@code config/org.circleosd.pluginmanager.trust.cfg} has the same keys. */
    @interface Config {
        /** Path of the file that says what plugins may do. Empty: there is none, and nothing is granted. */
        String grants() default "";
    }

    private final @Nullable GrantsFile file;

    /** Reads the file, so that the log says at once what is wrong with it. */
    @Activate
    public OperatorTrustPolicy(Config config) {
        String path = config.grants().strip();
        file = path.isEmpty() ? null : new GrantsFile(Path.of(path).toAbsolutePath());
        if (file != null) {
            file.read();
        }
    }

    @Override
    public Optional<String> verify(PluginImage image, PluginManifest manifest) {
        return Optional.empty();
    }

    @Override
    public List<CapabilityGrant> grant(PluginImage image, PluginManifest manifest, Optional<String> signer) {
        boolean needsRules = manifest.capabilities().stream().anyMatch(Intersection::needsRule);
        Intersection both = new Intersection(new Grants(needsRules ? matching(image, manifest) : List.of()));
        List<CapabilityGrant> granted = new ArrayList<>();
        for (Capability asked : manifest.capabilities()) {
            Fault fault = new Fault(ErrorCode.CAPABILITY_DENIED, "the manifest of '" + manifest.name() + "'");
            byte[] request = asked.request().getBytes(StandardCharsets.UTF_8);
            granted.add(both.of(
                    asked.kind(), new Checked(JsonText.read(request, fault), "/capabilities/" + asked.kind(), fault)));
        }
        if (!both.missing().isEmpty()) {
            throw denied(image, manifest, both.missing());
        }
        return granted;
    }

    private List<GrantRule> matching(PluginImage image, PluginManifest manifest) {
        if (file == null) {
            return List.of();
        }
        return file.rules().stream()
                .filter(rule -> rule.matches(manifest.name(), image))
                .toList();
    }

    private PluginException denied(PluginImage image, PluginManifest manifest, Missing missing) {
        String rule = missing.rule(manifest.name(), image);
        String advice;
        if (file == null) {
            advice = "Name a file of rules under 'grants' in org.circleosd.pluginmanager.trust.cfg, with the rule "
                    + rule;
        } else if (file.exists()) {
            advice = "If it may have that, add to the rules of " + file.path() + ": " + rule;
        } else {
            advice = "If it may have that, make the file " + file.path() + " with: {\"policy_version\":1,\"rules\":["
                    + rule + "]}";
        }
        return new PluginException(
                ErrorCode.CAPABILITY_DENIED,
                "the manifest of '" + manifest.name() + "' asks for what no rule grants: " + missing.shown() + ". "
                        + advice);
    }
}
