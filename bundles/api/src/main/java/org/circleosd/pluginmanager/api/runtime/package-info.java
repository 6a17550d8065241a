/** What runs plugins of one type: the seam between the host and a runtime. */
@Export
@Version("1.0.0")
@NullMarked
package org.circleosd.pluginmanager.api.runtime;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
