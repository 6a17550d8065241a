package org.circleosd.pluginmanager.worker.abi;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An {@link InvocationHandler} that somebody else may hold for ever: {@link #stable} is made of JDK classes alone, and
 * the handler that it calls can be taken out.
 */
final class ReplaceableHandler implements AutoCloseable {

    private static final MethodType INVOKE =
            MethodType.methodType(Object.class, Object.class, Method.class, Object[].class);

    private final AtomicReference<InvocationHandler> current;
    private final InvocationHandler closed;
    private final InvocationHandler stable;

    /**
     * Makes a handler.
     *
     * @param handler called until {@link #close}
     * @param afterClose returned from then on
     */
    ReplaceableHandler(InvocationHandler handler, @Nullable Object afterClose) {
        current = new AtomicReference<>(handler);
        MethodHandle constant = MethodHandles.constant(Object.class, afterClose);
        closed = ofJdkClasses(MethodHandles.dropArguments(constant, 0, INVOKE.parameterList()));
        stable = ofJdkClasses(callOf(current));
    }

    InvocationHandler stable() {
        return stable;
    }

    @Override
    public void close() {
        current.set(closed);
    }

    /** Returns {@code (proxy, method, arguments) -> current.get().invoke(proxy, method, arguments)} without a lambda. */
    private static MethodHandle callOf(AtomicReference<InvocationHandler> current) {
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            MethodHandle get = lookup.findVirtual(AtomicReference.class, "get", MethodType.methodType(Object.class))
                    .bindTo(current)
                    .asType(MethodType.methodType(InvocationHandler.class));
            MethodHandle invoke = lookup.findVirtual(InvocationHandler.class, "invoke", INVOKE);
            return MethodHandles.foldArguments(invoke, get);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InvocationHandler ofJdkClasses(MethodHandle handle) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // JDK 17 makes the proxy's class in the context class loader, which may be any bundle's.
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        try {
            return MethodHandleProxies.asInterfaceInstance(InvocationHandler.class, handle);
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
