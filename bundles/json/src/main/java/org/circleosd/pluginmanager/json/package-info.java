/** Reads files that people write as strict JSON, and says what is wrong with them and where. */
@NullMarked
package org.circleosd.pluginmanager.json;

import org.jspecify.annotations.NullMarked;
