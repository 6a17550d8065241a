/** The operations of the plugin host as gogo commands, and attaching to the running daemon over a local socket. */
@NullMarked
package org.circleosd.pluginmanager.shell;

import org.jspecify.annotations.NullMarked;
