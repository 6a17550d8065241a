/** What plugins in this process and plugins in processes of their own have in common. */
@NullMarked
package org.circleosd.pluginmanager.nativeloader.plugin;

import org.jspecify.annotations.NullMarked;
