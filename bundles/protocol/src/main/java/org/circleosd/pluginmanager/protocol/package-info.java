/** Turns a request line into an action and a result into a reply line. */
@NullMarked
package org.circleosd.pluginmanager.protocol;

import org.jspecify.annotations.NullMarked;
