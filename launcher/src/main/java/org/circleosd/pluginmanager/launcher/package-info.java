/** Starts the framework with the distribution's bundles and says when the daemon can answer. */
@NullMarked
package org.circleosd.pluginmanager.launcher;

import org.jspecify.annotations.NullMarked;
