package org.circleosd.pluginmanager.api;

/**
 * Something that a manifest asks for beyond computing.
 *
 * @param kind one of fs, env, net, kv, call, clock, random, log
 * @param request what exactly is asked, as the manifest's compact JSON text
 */
public record Capability(String kind, String request) {}
