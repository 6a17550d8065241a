/** WASI preview 1: a guest's view of the system. */
@NullMarked
package org.circleosd.pluginmanager.sandbox.wasi;

import org.jspecify.annotations.NullMarked;
