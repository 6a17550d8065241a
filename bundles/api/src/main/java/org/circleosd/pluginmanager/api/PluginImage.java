package org.circleosd.pluginmanager.api;

import java.nio.file.Path;

/**
 * The host's own read-only copy of a plugin file. Nobody else writes it: what was checked is what runs.
 *
 * @param sha256 digest of its bytes
 * @param file absolute path of the copy; a regular file that exists until the last plugin made of it is closed
 * @param size in bytes; not negative
 * @param origin absolute path that the copy was made of, for messages; may no longer exist
 */
public record PluginImage(Sha256 sha256, Path file, long size, Path origin) {}
