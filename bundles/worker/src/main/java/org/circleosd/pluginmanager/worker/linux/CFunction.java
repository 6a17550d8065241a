package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import org.jspecify.annotations.Nullable;

/**
 * A function of the C library that takes numbers and addresses and returns an {@code int}. JNA would hold a mapped
 * interface, or a class with native methods, for ever, and with it the bundle that this code is part of.
 */
final class CFunction {

    private final Function function;

    private CFunction(Function function) {
        this.function = function;
    }

    /** Finds a function that every C library has. */
    static CFunction of(String name) {
        return new CFunction(NativeLibrary.getProcess().getFunction(name));
    }

    /** Finds a function that only newer libraries have; null if this one has not. */
    static @Nullable CFunction find(String name) {
        try {
            return of(name);
        } catch (UnsatisfiedLinkError e) {
            return null;
        }
    }

    /** Calls it. */
    int call(long... arguments) {
        return prepare(arguments).make();
    }

    /** Puts a call together that can be made later. */
    PreparedCall prepare(long... arguments) {
        Object[] boxed = new Object[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            boxed[i] = arguments[i];
        }
        return new PreparedCall(function, boxed);
    }

    /** Returns the {@code errno} that this thread's last call left. */
    static int errno() {
        return Native.getLastError();
    }
}
