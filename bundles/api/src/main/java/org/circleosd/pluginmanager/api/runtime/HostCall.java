package org.circleosd.pluginmanager.api.runtime;

import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.osgi.annotation.versioning.ProviderType;

/** A plugin's call of a {@link HostFunction}. For the thread that it is given to. */
@ProviderType
public interface HostCall {

    /** Returns the name of the plugin that calls. */
    String plugin();

    /** Returns the memory of the plugin; empty (of size 0) if it has none. */
    GuestMemory memory();

    /**
     * Returns the bytes of a block of an Extism plugin.
     *
     * @param handle of the block; any other number gives no bytes, and so does any number from a plugin of another ABI
     */
    byte[] read(long handle);

    /**
     * Makes a block in an Extism plugin.
     *
     * @return its handle, to be returned to the plugin; 0 for no bytes, for want of memory, and in a plugin of another
     *     ABI
     */
    long write(byte[] bytes);
}
