package org.circleosd.pluginmanager.sandbox;

import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.sandbox.wasi.ProcExit;

/** How a plugin's functions are called: what turns a payload into values and values into a result. Thread-safe. */
interface CallingConvention {

    /** Returns the name that manifests and {@code list} use. */
    String abi();

    /** Returns the names that can be invoked, sorted. */
    List<String> functions();

    /** Returns how instances live where the manifest does not say. */
    default InstancePolicy instances() {
        return InstancePolicy.POOLED;
    }

    /**
     * Checks a request before any guest is touched.
     *
     * @throws PluginException {@link ErrorCode#FUNCTION_NOT_FOUND}, or {@link ErrorCode#BAD_REQUEST} if the payload is
     *     not what the function takes
     */
    GuestCall prepare(Invocation invocation);

    /** A call that is ready to run. */
    @FunctionalInterface
    interface GuestCall {

        /**
         * Runs on the calling thread.
         *
         * @return the result's bytes
         * @throws PluginException whatever a call may fail with
         * @throws ProcExit if the guest leaves by {@code proc_exit}
         */
        byte[] run(Guest guest);
    }

    /** What a caller gets who names a function that is not there. */
    static PluginException functionNotFound(String name, List<String> functions) {
        return new PluginException(
                ErrorCode.FUNCTION_NOT_FOUND,
                "the plugin has no function '" + name + "'; it has " + String.join(", ", functions));
    }
}
