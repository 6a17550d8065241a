package org.circleosd.pluginmanager.engine.chicory.admission;

import java.time.Duration;

/**
 * What compiling one module may use.
 *
 * @param heapBytes of the child's Java heap; at least 32 MiB
 * @param time from its start to its end
 */
public record ChildLimits(long heapBytes, Duration time) {}
