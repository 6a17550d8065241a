package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.ManifestLimits;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifest.ErrorBudget;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;

/**
 * What plugins may use: the default where a manifest asks for nothing, the cap where it asks for more.
 *
 * @param defaults for manifests that ask for nothing
 * @param caps no plugin gets more
 * @param valueBytes no plugin keeps more as values
 * @param errorBudget for manifests that have none; empty: upgrades of such plugins are not watched
 */
record LimitPolicy(
        InvocationLimits defaults, InvocationLimits caps, long valueBytes, Optional<ErrorBudget> errorBudget) {

    private static final Pattern STORE = Pattern.compile("\\{(?:\"quota_bytes\":([0-9]{1,18}))?\\}");

    InvocationLimits apply(ManifestLimits asked) {
        Duration timeout = asked.timeout().orElse(defaults.timeout());
        long memory = asked.memoryBytes().orElse(defaults.memoryBytes());
        long output = asked.outputBytes().orElse(defaults.outputBytes());
        return new InvocationLimits(
                timeout.compareTo(caps.timeout()) > 0 ? caps.timeout() : timeout,
                Math.min(memory, caps.memoryBytes()),
                (int) Math.min(output, caps.outputBytes()),
                Math.min(asked.maxConcurrency().orElse(defaults.maxConcurrency()), caps.maxConcurrency()),
                Math.min(asked.queue().orElse(defaults.queue()), caps.queue()));
    }

    /** Returns what may go wrong after an upgrade; empty: anything. */
    Optional<ErrorBudget> errorBudget(PluginManifest manifest) {
        return manifest.errorBudget().or(() -> errorBudget);
    }

    /** Returns how much a plugin with these grants may keep as values: the quota of its grant, if that is lower. */
    long valueBytes(List<CapabilityGrant> grants) {
        long least = valueBytes;
        for (CapabilityGrant grant : grants) {
            if (grant.kind().equals("kv")) {
                Matcher scope = STORE.matcher(grant.scope());
                if (!scope.matches()) {
                    throw new PluginException(
                            ErrorCode.CAPABILITY_DENIED,
                            "the trust policy grants kv as " + grant.scope()
                                    + "; expected {} or {\"quota_bytes\":N} with at most 18 digits");
                }
                if (scope.group(1) != null) {
                    least = Math.min(least, Long.parseLong(scope.group(1)));
                }
            }
        }
        return least;
    }
}
