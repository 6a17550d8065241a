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
        Map<String, Object> settings = Map.of("aot_dir", store.resolve("aot").toString());
        Constructor<?> constructor = ChicoryEngine.class.getConstructors()[0];
        Object[] arguments = Arrays.stream(constructor.getParameterTypes())
                .map(config -> Proxy.newProxyInstance(
                        config.getClassLoader(),
                        new Class<?>[] {config},
                        (proxy, setting, none) -> settings.getOrDefault(setting.getName(), setting.getDefaultValue())))
                .toArray();
        try {
            return (WasmEngine) constructor.newInstance(arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the engine cannot be made", e);
        }
    }
}
