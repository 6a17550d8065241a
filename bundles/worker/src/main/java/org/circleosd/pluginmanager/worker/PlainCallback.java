package org.circleosd.pluginmanager.worker;

import com.sun.jna.CallbackProxy;
import com.sun.jna.CallbackReference;
import com.sun.jna.Pointer;
import org.circleosd.pluginmanager.worker.abi.HostFunction;
import org.jspecify.annotations.Nullable;

/** A function that native code can call; JNA holds it until the process ends, which is as long as it is needed. */
final class PlainCallback implements HostFunction, CallbackProxy {

    private final Class<?> result;
    private final @Nullable Object failed;
    private final Body body;
    private final Class<?>[] parameters;

    PlainCallback(Class<?> result, @Nullable Object failed, Body body, Class<?>... parameters) {
        this.result = result;
        this.failed = failed;
        this.body = body;
        this.parameters = parameters;
    }

    @Override
    public Pointer address() {
        return CallbackReference.getFunctionPointer(this);
    }

    // Whatever is thrown would cross C frames that know nothing of it: it ends here, in the log.
    @Override
    public @Nullable Object callback(@Nullable Object[] arguments) {
        try {
            return body.run(arguments);
        } catch (RuntimeException | Error e) {
            WorkerProgram.log("a function of the host failed", e);
            return failed;
        }
    }

    @Override
    public Class<?>[] getParameterTypes() {
        return parameters.clone();
    }

    @Override
    public Class<?> getReturnType() {
        return result;
    }

    @Override
    public void close() {
        // The process ends with its plugins.
    }
}
