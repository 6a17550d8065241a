package example.greeting;

import java.util.List;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.circleosd.pluginmanager.api.runtime.HostCall;
import org.circleosd.pluginmanager.api.runtime.HostFunction;

/** Adds for plugins of any kind: calculator.add(i32, i32) -> i32. */
public final class Adding implements HostFunction {

    @Override
    public String namespace() {
        return "calculator";
    }

    @Override
    public String name() {
        return "add";
    }

    @Override
    public WasmFunctionType type() {
        return new WasmFunctionType(List.of(WasmType.I32, WasmType.I32), List.of(WasmType.I32));
    }

    @Override
    public long call(HostCall call, long[] args) {
        return (int) (args[0] + args[1]);
    }
}
