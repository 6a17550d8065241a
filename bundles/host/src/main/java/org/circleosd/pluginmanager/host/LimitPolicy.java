package org.circleosd.pluginmanager.host;

import java.time.Duration;
import org.circleosd.pluginmanager.api.ManifestLimits;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;

/**
 * What plugins may use: the default where a manifest asks for nothing, the cap where it asks for more.
 *
 * @param defaults for manifests that ask for nothing
 * @param caps no plugin gets more
 */
record LimitPolicy(InvocationLimits defaults, InvocationLimits caps) {

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
}
