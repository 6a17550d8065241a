/** The program of a worker process that is a JVM: runs native plugins for the daemon that started it. */
@NullMarked
package org.circleosd.pluginmanager.worker;

import org.jspecify.annotations.NullMarked;
