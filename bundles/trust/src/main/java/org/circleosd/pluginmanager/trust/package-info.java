/** Says who signed an image and what the operator grants it. */
@NullMarked
package org.circleosd.pluginmanager.trust;

import org.jspecify.annotations.NullMarked;
