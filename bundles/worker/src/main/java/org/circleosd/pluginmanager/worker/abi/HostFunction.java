package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** A function of ours that native code can call. */
public interface HostFunction extends AutoCloseable {

    /** Returns its address; valid until the process ends. */
    Pointer address();

    /** From now on the function answers that it failed. */
    @Override
    void close();

    /** What the function does. */
    @FunctionalInterface
    interface Body {

        /** Takes the arguments as JNA gives them: boxed primitives, {@link Pointer} or null for NULL. */
        @Nullable
        Object run(@Nullable Object[] arguments);
    }

    /** A way to make functions. */
    @FunctionalInterface
    interface Maker {

        /**
         * Makes a function.
         *
         * @param result type of what {@code body} returns, a primitive or {@link Pointer}
         * @param failed is returned if the body throws, as nothing may be thrown into native code
         */
        HostFunction make(Class<?> result, @Nullable Object failed, Body body, Class<?>... parameters);
    }
}
