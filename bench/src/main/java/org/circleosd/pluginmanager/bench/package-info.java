/** Benchmarks that print ratios against a peer in the same run. Nothing here is part of the product. */
@NullMarked
package org.circleosd.pluginmanager.bench;

import org.jspecify.annotations.NullMarked;
