/** The binary format of modules: what they need, what they offer, and whether they are valid. */
@NullMarked
package org.circleosd.pluginmanager.sandbox.module;

import org.jspecify.annotations.NullMarked;
