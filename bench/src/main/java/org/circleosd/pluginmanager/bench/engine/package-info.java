/** What runs in a JVM of its own: one task on one engine, whose figures the bench reads from standard output. */
@NullMarked
package org.circleosd.pluginmanager.bench.engine;

import org.jspecify.annotations.NullMarked;
