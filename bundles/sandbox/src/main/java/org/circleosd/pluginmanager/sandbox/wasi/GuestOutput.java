package org.circleosd.pluginmanager.sandbox.wasi;

import org.circleosd.pluginmanager.api.engine.GuestMemory;

/** Takes what a guest writes to one of its streams. For one thread at a time. */
public interface GuestOutput {

    /**
     * Takes bytes of the guest's memory; the guest is told that all were written.
     *
     * @param address start of a range inside the memory
     * @param length of that range, not negative
     */
    void write(GuestMemory memory, int address, int length);
}
