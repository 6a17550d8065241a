/** What runs wasm code: the seam between the sandbox and an engine. */
@Export
@Version("1.0.0")
@NullMarked
package org.circleosd.pluginmanager.api.engine;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
