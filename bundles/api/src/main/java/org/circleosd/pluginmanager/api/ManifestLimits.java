package org.circleosd.pluginmanager.api;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The limits that a manifest asks for. What is absent takes the host's default; what is above the operator's cap is
 * lowered to it.
 *
 * @param memoryBytes largest memory of one instance, in bytes; positive
 * @param timeout wall-clock time of one call; positive
 * @param outputBytes largest result of one call, and largest log kept of it, in bytes; positive
 * @param maxConcurrency most calls that run at once; positive
 * @param queue most calls that wait for one of them to end; not negative
 * @param httpResponseBytes largest body of an HTTP response that the plugin asked for, in bytes; not negative
 * @param varBytes most that the variables of an Extism plugin take, names and values, in bytes; 0: it has none
 */
public record ManifestLimits(
        OptionalLong memoryBytes,
        Optional<Duration> timeout,
        OptionalLong outputBytes,
        OptionalInt maxConcurrency,
        OptionalInt queue,
        OptionalLong httpResponseBytes,
        OptionalLong varBytes) {

    /** Asks for nothing. */
    public static final ManifestLimits NONE = new ManifestLimits(
            OptionalLong.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalLong.empty(),
            OptionalLong.empty());
}
