package org.circleosd.pluginmanager.api.engine;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A module with its memory, globals and tables. For one thread at a time: two calls at once give silently wrong
 * answers.
 */
@ConsumerType
public interface WasmInstance extends AutoCloseable {

    /** Finds an exported function; look it up once, call it often. */
    Optional<WasmFunction> function(String name);

    /** Returns the module's first memory; empty if it has none. */
    Optional<GuestMemory> memory();

    /**
     * Remembers the present memory, globals and tables for {@link #restore}. Those that it imports are not its own: of
     * instances that are linked, each is captured and restored, in any order.
     */
    void capture();

    /**
     * Returns to what {@link #capture} remembered.
     *
     * @return false if this engine cannot, or nothing was captured: the instance must be dropped
     */
    boolean restore();

    /** Drops what the instance holds. */
    @Override
    void close();
}
