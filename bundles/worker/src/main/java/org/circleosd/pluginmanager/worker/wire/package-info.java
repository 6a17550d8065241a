/** How the daemon and a worker process speak: frames over two pipes. No room of ours and no library is used here. */
@NullMarked
package org.circleosd.pluginmanager.worker.wire;

import org.jspecify.annotations.NullMarked;
