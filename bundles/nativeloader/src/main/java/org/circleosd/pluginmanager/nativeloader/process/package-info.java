/** Native plugins in processes of their own: started, confined, supervised, replaced. */
@NullMarked
package org.circleosd.pluginmanager.nativeloader.process;

import org.jspecify.annotations.NullMarked;
