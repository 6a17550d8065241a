/** Black-box tests: they start the distribution and use only socket, shell, files and signals. */
@NullMarked
package org.circleosd.pluginmanager.itest;

import org.jspecify.annotations.NullMarked;
