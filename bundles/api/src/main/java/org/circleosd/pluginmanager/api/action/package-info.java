/** What a client can ask for: the seams between socket, protocol and the actions. */
@Export
@Version("1.0.0")
@NullMarked
package org.circleosd.pluginmanager.api.action;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
