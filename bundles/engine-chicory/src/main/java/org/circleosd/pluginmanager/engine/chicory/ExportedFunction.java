package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.ExportFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.jspecify.annotations.Nullable;

/** An exported function, looked up once. */
final class ExportedFunction implements WasmFunction {

    private static final long[] NOTHING = {};

    private final String name;
    private final WasmFunctionType type;
    private final int params;
    private final ExportFunction function;

    ExportedFunction(String name, WasmFunctionType type, ExportFunction function) {
        this.name = name;
        this.type = type;
        this.params = type.params().size();
        this.function = function;
    }

    @Override
    public WasmFunctionType type() {
        return type;
    }

    @Override
    public long[] call(long... args) {
        if (args.length != params) {
            throw new IllegalArgumentException(
                    "function '" + name + "' takes " + params + " arguments, " + args.length + " were given");
        }
        try {
            long @Nullable [] results = function.apply(args);
            return results == null ? NOTHING : results;
        } catch (HostException e) {
            throw e.thrown();
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
            throw Failure.ofCall("function '" + Failure.oneLine(name) + "'", e);
        }
    }
}
