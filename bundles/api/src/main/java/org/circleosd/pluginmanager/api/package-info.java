/** What a plugin, its manifest, its host and a failure are, and how a service is swapped while it is used. */
@Export
@Version("1.0.0")
@NullMarked
package org.circleosd.pluginmanager.api;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
