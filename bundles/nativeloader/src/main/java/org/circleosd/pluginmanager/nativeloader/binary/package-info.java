/** What the file of a native library says of itself, read before any loader sees it. */
@NullMarked
package org.circleosd.pluginmanager.nativeloader.binary;

import org.jspecify.annotations.NullMarked;
