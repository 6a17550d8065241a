/** Watches two folders: plugins and bundles come, change and go as their files do. */
@NullMarked
package org.circleosd.pluginmanager.deploy;

import org.jspecify.annotations.NullMarked;
