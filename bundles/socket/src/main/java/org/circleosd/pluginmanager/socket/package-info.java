/** Owns the listening socket and the connections: bytes to lines, back-pressure, peer identity. Knows no JSON. */
@NullMarked
package org.circleosd.pluginmanager.socket;

import org.jspecify.annotations.NullMarked;
