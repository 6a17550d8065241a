package org.circleosd.pluginmanager.sandbox.wasi;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A folder that the operator granted.
 *
 * @param name the guest finds it as {@code /name}
 * @param path absolute path of the host; empty: the folder lives in memory
 */
record GrantedFolder(String name, boolean readOnly, Optional<Path> path, OptionalLong quotaBytes) {}
