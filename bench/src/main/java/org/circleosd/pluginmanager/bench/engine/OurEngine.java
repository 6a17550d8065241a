package org.circleosd.pluginmanager.bench.engine;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.engine.chicory.ChicoryEngine;

/** The engine of the daemon, outside of it. */
final class OurEngine {

    private OurEngine() {}

    /** Makes the component as its framework would: its constructor takes the settings, which are an annotation. */
    static WasmEngine open(Path store) throws IOException {
        Files.createDirectories(store);
        // The process that compiles unknown modules for the daemon belongs to its framework.
        Map<String, Object> settings = Map.of("aot_dir", store.resolve("aot").toString(), "admission", "thread");
        Constructor<?> constructor = Arrays.stream(ChicoryEngine.class.getConstructors())
                .filter(one -> one.getParameterCount() == 1)
                .findFirst()
                .orElseThrow();
        Class<?> config = constructor.getParameterTypes()[0];
        Object given = Proxy.newProxyInstance(
                config.getClassLoader(),
                new Class<?>[] {config},
                (proxy, setting, none) -> settings.getOrDefault(setting.getName(), setting.getDefaultValue()));
        try {
            return (WasmEngine) constructor.newInstance(given);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the engine cannot be made", e);
        }
    }
}
