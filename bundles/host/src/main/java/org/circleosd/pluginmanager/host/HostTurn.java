package org.circleosd.pluginmanager.host;

import org.circleosd.pluginmanager.api.Succession;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Lets the host begin when no other version of it runs. Two at a time would both open the plugins, and what one of them
 * keeps the other would not know.
 */
@Component(
        service = {},
        immediate = true)
public final class HostTurn {

    /** Waits for the turn. */
    @Activate
    public HostTurn(ComponentContext component) {
        Succession.await(
                component.getBundleContext(), "host", () -> component.enableComponent(LivePluginHost.class.getName()));
    }
}
