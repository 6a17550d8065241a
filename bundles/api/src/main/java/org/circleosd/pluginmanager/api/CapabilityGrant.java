package org.circleosd.pluginmanager.api;

/**
 * A capability that the operator gave.
 *
 * @param kind the {@link Capability#kind} that was asked
 * @param scope what exactly is given, as compact JSON text
 */
public record CapabilityGrant(String kind, String scope) {}
