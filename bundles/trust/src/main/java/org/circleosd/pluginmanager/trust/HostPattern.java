package org.circleosd.pluginmanager.trust;

import java.util.Locale;
import java.util.Optional;

/**
 * Hosts that may be reached.
 *
 * @param port as digits; empty: any
 */
record HostPattern(Glob host, String port) {

    static HostPattern of(String address) {
        int colon = address.indexOf(':');
        String host = colon < 0 ? address : address.substring(0, colon);
        return new HostPattern(new Glob(host.toLowerCase(Locale.ROOT)), colon < 0 ? "" : address.substring(colon + 1));
    }

    /** Returns what both allow, if one of them allows all hosts of the other. */
    Optional<HostPattern> and(HostPattern other) {
        if (!port.isEmpty() && !other.port.isEmpty() && !port.equals(other.port)) {
            return Optional.empty();
        }
        String common = port.isEmpty() ? other.port : port;
        if (other.host.covers(host)) {
            return Optional.of(new HostPattern(host, common));
        }
        return host.covers(other.host) ? Optional.of(new HostPattern(other.host, common)) : Optional.empty();
    }

    @Override
    public String toString() {
        return port.isEmpty() ? host.pattern() : host.pattern() + ":" + port;
    }
}
