package example.greeting;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.circleosd.pluginmanager.api.runtime.HostCall;
import org.circleosd.pluginmanager.api.runtime.HostFunction;

/** Greets for Extism plugins: extism:host/user.greet(name) -> greeting, as handles. */
public final class Greeting implements HostFunction {

    @Override
    public String name() {
        return "greet";
    }

    @Override
    public WasmFunctionType type() {
        return new WasmFunctionType(List.of(WasmType.I64), List.of(WasmType.I64));
    }

    @Override
    public long call(HostCall call, long[] args) {
        return call.write(("WORD, " + new String(call.read(args[0]), UTF_8) + "!").getBytes(UTF_8));
    }
}
