/** Compiling in a process that can be thrown away. Knows no type of the engine's library. */
@NullMarked
package org.circleosd.pluginmanager.engine.chicory.admission;

import org.jspecify.annotations.NullMarked;
