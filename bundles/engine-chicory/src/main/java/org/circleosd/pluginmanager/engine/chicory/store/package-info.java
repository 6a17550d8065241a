/** Compiled modules as bytes, and the folder that keeps them over restarts. Knows no type of the engine's library. */
@NullMarked
package org.circleosd.pluginmanager.engine.chicory.store;

import org.jspecify.annotations.NullMarked;
