package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.CallbackProxy;
import com.sun.jna.CallbackReference;
import com.sun.jna.Pointer;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A function of ours that native code can call. JNA holds every callback object, and its class, for ever, and would so
 * hold this bundle after its replacement. Therefore the object given to JNA consists of classes of JNA and the JDK, and
 * {@link #close} takes ours out of it. The native function itself stays: threads that a plugin left behind may call it.
 */
public final class NativeCallback implements HostFunction {

    private final ReplaceableHandler handler;
    private final Pointer address;

    /**
     * Makes a function.
     *
     * @param result type of what {@code body} returns, a primitive or {@link Pointer}
     * @param failed is returned if the body throws, as nothing may be thrown into native code, and after {@link #close}
     * @param failures is told what the body threw
     */
    public NativeCallback(
            Consumer<Throwable> failures, Class<?> result, @Nullable Object failed, Body body, Class<?>... parameters) {
        handler = new ReplaceableHandler(
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "callback" -> run(failures, body, (Object[]) arguments[0], failed);
                    case "getParameterTypes" -> parameters.clone();
                    case "getReturnType" -> result;
                    default -> objectMethod(proxy, method, arguments);
                },
                failed);
        CallbackProxy callback = (CallbackProxy) Proxy.newProxyInstance(
                CallbackProxy.class.getClassLoader(), new Class<?>[] {CallbackProxy.class}, handler.stable());
        address = CallbackReference.getFunctionPointer(callback);
    }

    @Override
    public Pointer address() {
        return address;
    }

    /** From now on the function does nothing. */
    @Override
    public void close() {
        handler.close();
    }

    // Whatever is thrown would cross C frames that know nothing of it: it ends here.
    private static @Nullable Object run(
            Consumer<Throwable> failures, Body body, Object[] arguments, @Nullable Object failed) {
        try {
            return body.run(arguments);
        } catch (RuntimeException | Error e) {
            failures.accept(e);
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
}
