/** The files that worker processes run from, and how they are started. */
@NullMarked
package org.circleosd.pluginmanager.nativeloader.program;

import org.jspecify.annotations.NullMarked;
