/** Runs native libraries as plugins. */
@NullMarked
package org.circleosd.pluginmanager.nativeloader;

import org.jspecify.annotations.NullMarked;
