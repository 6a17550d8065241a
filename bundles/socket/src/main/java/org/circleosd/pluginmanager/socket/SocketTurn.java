package org.circleosd.pluginmanager.socket;

import org.circleosd.pluginmanager.api.Succession;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Lets the server begin when no other version of it runs: there is one socket. */
@Component(
        service = {},
        immediate = true)
public final class SocketTurn {

    /** Waits for the turn. */
    @Activate
    public SocketTurn(ComponentContext component) {
        Succession.await(
                component.getBundleContext(), "socket", () -> component.enableComponent(SocketServer.class.getName()));
    }
}
