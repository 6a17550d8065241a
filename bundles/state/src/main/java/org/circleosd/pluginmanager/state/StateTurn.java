package org.circleosd.pluginmanager.state;

import org.circleosd.pluginmanager.api.Succession;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Lets the store begin when no other version of it runs: the folder has one owner. */
@Component(
        service = {},
        immediate = true)
public final class StateTurn {

    /** Waits for the turn. */
    @Activate
    public StateTurn(ComponentContext component) {
        Succession.await(
                component.getBundleContext(),
                "state",
                () -> component.enableComponent(JournalStateStore.class.getName()));
    }
}
