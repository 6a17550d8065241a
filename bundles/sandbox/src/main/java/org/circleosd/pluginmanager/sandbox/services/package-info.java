/** What the host does for plugins beyond WASI and Extism: values that they keep, and calls of other plugins. */
@NullMarked
package org.circleosd.pluginmanager.sandbox.services;

import org.jspecify.annotations.NullMarked;
