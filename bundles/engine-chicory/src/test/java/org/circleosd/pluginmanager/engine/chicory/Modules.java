package org.circleosd.pluginmanager.engine.chicory;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.api.engine.WasmType;

/** The modules beside the tests, and short ways to use them. */
final class Modules {

    static final long MEBIBYTE = 1 << 20;

    private Modules() {}

    static byte[] bytes(String name) {
        try (InputStream in = Modules.class.getResourceAsStream("/wasm/" + name + ".wasm")) {
            Assertions.assertThat(in).as("/wasm/" + name + ".wasm").isNotNull();
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static WasmModule compile(String name) {
        return new ChicoryEngine().compile(bytes(name));
    }

    static WasmInstance instantiate(String name, ImportedFunction... imports) {
        return compile(name).instantiate(List.of(imports), MEBIBYTE);
    }

    static WasmFunction function(WasmInstance instance, String name) {
        return instance.function(name).orElseThrow();
    }

    static long call(WasmInstance instance, String name, long... args) {
        return function(instance, name).call(args)[0];
    }

    static ImportedFunction host(
            String name, List<WasmType> params, List<WasmType> results, ImportedFunction.Body body) {
        return new ImportedFunction("test", name, new WasmFunctionType(params, results), body);
    }

    static PluginException failure(ErrorCode code, ThrowingCallable call) {
        PluginException thrown = Assertions.catchThrowableOfType(PluginException.class, call);
        Assertions.assertThat(thrown).as("a PluginException").isNotNull();
        Assertions.assertThat(thrown.code()).as(thrown.getMessage()).isEqualTo(code);
        Assertions.assertThat(thrown.getMessage()).doesNotContain("\n").doesNotContain("null");
        return thrown;
    }
}
