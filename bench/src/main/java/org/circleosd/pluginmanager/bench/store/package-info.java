/** Stores beside each other. */
@NullMarked
package org.circleosd.pluginmanager.bench.store;

import org.jspecify.annotations.NullMarked;
