/** Keeps the loaded plugins: load, invoke, replace, drain, restore. */
@NullMarked
package org.circleosd.pluginmanager.host;

import org.jspecify.annotations.NullMarked;
