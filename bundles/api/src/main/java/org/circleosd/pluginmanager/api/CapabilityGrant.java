package org.circleosd.pluginmanager.api;

/**
 * A capability that the operator gave.
 *
 * @param kind the {@link Capability#kind} that was asked
 * @param scope what exactly is given, as compact JSON text. fs: {@code [{"name":"data","access":"ro","path":"/srv/data",
 *     "quota_bytes":1048576}]}, where {@code path} is an absolute path of the host, or absent for a folder that lives in
 *     memory, and {@code quota_bytes} may be absent. net: {@code ["api.example.com","*.example.org:443"]}, where a
 *     {@code *} stands for any characters. env: {@code {"NAME":"value"}}. Any other kind: as it was asked
 */
public record CapabilityGrant(String kind, String scope) {}
