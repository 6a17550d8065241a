/** Runs wasm code with Chicory: the only room that names a type of that library. */
@NullMarked
package org.circleosd.pluginmanager.engine.chicory;

import org.jspecify.annotations.NullMarked;
