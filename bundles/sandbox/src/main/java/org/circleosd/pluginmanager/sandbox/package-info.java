/** Makes wasm plugins of an engine: calling conventions, WASI, limits and instance pools. */
@NullMarked
package org.circleosd.pluginmanager.sandbox;

import org.jspecify.annotations.NullMarked;
