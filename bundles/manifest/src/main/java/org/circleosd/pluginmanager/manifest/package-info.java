/** Turns manifest bytes into a checked {@code PluginManifest}. */
@NullMarked
package org.circleosd.pluginmanager.manifest;

import org.jspecify.annotations.NullMarked;
