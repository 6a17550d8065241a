/** What an Extism plugin asks of its host: memory blocks, variables, logs, HTTP requests. */
@NullMarked
package org.circleosd.pluginmanager.sandbox.extism;

import org.jspecify.annotations.NullMarked;
