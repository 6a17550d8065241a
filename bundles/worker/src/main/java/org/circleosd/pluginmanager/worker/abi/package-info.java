/** The calls of {@code plugin.h} by JNA: used by a worker that is a JVM, and for plugins in the process. */
@NullMarked
package org.circleosd.pluginmanager.worker.abi;

import org.jspecify.annotations.NullMarked;
