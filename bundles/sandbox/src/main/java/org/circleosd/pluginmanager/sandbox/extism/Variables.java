package org.circleosd.pluginmanager.sandbox.extism;

import java.util.HashMap;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/** Variables that live as long as the plugin is loaded. */
final class Variables implements VariableStore {

    /** What the books of one variable cost, as Extism's own hosts count it, in bytes. */
    private static final int OVERHEAD = 48;

    private final long limit;
    private final Map<String, byte[]> values = new HashMap<>();
    private long used;

    /**
     * Makes an empty store.
     *
     * @param limit most that names, values and an overhead of 48 bytes for each take, in bytes; 0: there are no
     *     variables
     */
    Variables(long limit) {
        this.limit = limit;
    }

    @Override
    public synchronized byte @Nullable [] get(String name) {
        return values.get(name);
    }

    @Override
    public synchronized void set(String name, byte[] value) {
        checkEnabled();
        byte[] old = values.get(name);
        long more = cost(name, value) - (old == null ? 0 : cost(name, old));
        if (used + more > limit) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR,
                    "Variable store is full: '" + name + "' with " + value.length + " bytes has no place beside "
                            + values.size() + " variables of " + used + " bytes; at most " + limit
                            + " bytes are allowed (limits.var_bytes)");
        }
        values.put(name, value);
        used += more;
    }

    @Override
    public synchronized void remove(String name) {
        checkEnabled();
        byte[] old = values.remove(name);
        if (old != null) {
            used -= cost(name, old);
        }
    }

    /** Returns what names, values and overhead take. */
    synchronized long used() {
        return used;
    }

    private void checkEnabled() {
        if (limit == 0) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR, "Vars are disabled: the manifest allows 0 bytes (limits.var_bytes)");
        }
    }

    private static long cost(String name, byte[] value) {
        return (long) OVERHEAD + name.length() + value.length;
    }
}
