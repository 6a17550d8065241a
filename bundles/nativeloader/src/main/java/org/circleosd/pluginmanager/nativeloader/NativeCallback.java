package org.circleosd.pluginmanager.nativeloader;

import com.sun.jna.Callback;
import com.sun.jna.CallbackProxy;
import com.sun.jna.CallbackReference;
import com.sun.jna.Pointer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * A function of ours that native code can call. JNA holds the class of every callback object for ever, and a class holds
 * its bundle; so the object given to JNA is of a class made in JNA's own class loader, and only its handler is ours.
 * The function exists as long as this object is reachable.
 */
final class NativeCallback {

    private static final System.Logger LOG = System.getLogger(NativeCallback.class.getName());

    /** Keeps the native function alive: JNA itself holds it weakly. */
    private final Callback callback;

    private final Pointer address;

    /**
     * Makes a function.
     *
     * @param result type of what {@code body} returns, a primitive or {@link Pointer}
     * @param failed is returned if the body throws: nothing may be thrown into native code
     */
    NativeCallback(Class<?> result, @Nullable Object failed, Body body, Class<?>... parameters) {
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "callback" -> run(body, (Object[]) arguments[0], failed);
            case "getParameterTypes" -> parameters.clone();
            case "getReturnType" -> result;
            default -> objectMethod(proxy, method, arguments);
        };
        callback = (Callback) Proxy.newProxyInstance(
                CallbackProxy.class.getClassLoader(), new Class<?>[] {CallbackProxy.class}, handler);
        address = CallbackReference.getFunctionPointer(callback);
    }

    Pointer address() {
        return address;
    }

    // Whatever is thrown would cross C frames that know nothing of it: it ends here, in the log.
    private static @Nullable Object run(Body body, Object[] arguments, @Nullable Object failed) {
        try {
            return body.run(arguments);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "a host function called by a native plugin failed", e);
            return failed;
        }
    }

    private static Object objectMethod(Object proxy, Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == arguments[0];
            case "toString" -> "native callback";
            default -> throw new IllegalStateException("unexpected method of a callback: " + method);
        };
    }

    /** What the function does. */
    @FunctionalInterface
    interface Body {

        /** Takes the arguments as JNA gives them: boxed primitives, {@link Pointer} or null for NULL. */
        @Nullable
        Object run(@Nullable Object[] arguments);
    }
}
