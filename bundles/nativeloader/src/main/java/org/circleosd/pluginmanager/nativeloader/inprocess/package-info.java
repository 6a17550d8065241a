/** Native plugins inside the daemon, where the operator allows it: no boundary but time and output. */
@NullMarked
package org.circleosd.pluginmanager.nativeloader.inprocess;

import org.jspecify.annotations.NullMarked;
