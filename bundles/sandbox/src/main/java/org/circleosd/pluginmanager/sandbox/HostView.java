package org.circleosd.pluginmanager.sandbox;

import org.circleosd.pluginmanager.sandbox.extism.ExtismGuest;
import org.circleosd.pluginmanager.sandbox.services.ServiceGuest;
import org.circleosd.pluginmanager.sandbox.wasi.Wasi;
import org.jspecify.annotations.Nullable;

/**
 * What one guest sees of the host. For one thread at a time.
 *
 * @param extism null if the plugin is not one of Extism's kits
 */
record HostView(Wasi wasi, ServiceGuest services, @Nullable ExtismGuest extism) {

    /** Ends a call, or the initialisation. */
    void endCall() {
        wasi.endCall();
        services.end();
        if (extism != null) {
            extism.end();
        }
    }
}
