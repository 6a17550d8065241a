package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Function;

/**
 * A call whose arguments are in place. To make it takes no native memory: JNA frees such memory with a thread that it
 * starts when needed, and a confined thread must start none.
 */
final class PreparedCall {

    private final Function function;
    private final Object[] arguments;

    PreparedCall(Function function, Object[] arguments) {
        this.function = function;
        this.arguments = arguments;
    }

    /** Exchanges an argument. */
    void set(int index, long value) {
        arguments[index] = value;
    }

    int make() {
        return function.invokeInt(arguments);
    }
}
