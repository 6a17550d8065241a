/** Keeps what must survive, on H2 MVStore. */
@NullMarked
package org.circleosd.pluginmanager.state;

import org.jspecify.annotations.NullMarked;
