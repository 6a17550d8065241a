/** Trees of files, in memory and in folders of the host, which no path leaves. */
@NullMarked
package org.circleosd.pluginmanager.sandbox.wasi.tree;

import org.jspecify.annotations.NullMarked;
