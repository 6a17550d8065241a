/** What only Linux has: system calls by JNA, the layers of confinement, and starting a process on a confined thread. */
@NullMarked
package org.circleosd.pluginmanager.worker.linux;

import org.jspecify.annotations.NullMarked;
