package org.circleosd.pluginmanager.sandbox;

/** Makes a guest for each call and drops it afterwards. */
final class FreshInstances implements InstancePool {

    private final GuestFactory factory;
    private volatile boolean closed;

    FreshInstances(GuestFactory factory) {
        this.factory = factory;
    }

    @Override
    public Guest take() {
        if (closed) {
            throw InstancePool.closed();
        }
        return factory.make();
    }

    @Override
    public void giveBack(Guest guest, boolean intact) {
        guest.close();
    }

    @Override
    public void close() {
        closed = true;
    }
}
