/** Keeps what must survive. */
@NullMarked
package org.circleosd.pluginmanager.state;

import org.jspecify.annotations.NullMarked;
