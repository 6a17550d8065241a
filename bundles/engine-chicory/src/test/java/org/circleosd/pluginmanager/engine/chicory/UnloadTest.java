package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.host;

import java.lang.StackWalker.Option;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UnloadTest {

    private static final int ATTEMPTS = 50;

    @Test
    void classesOfAClosedModule_areCollected() {
        WeakReference<ClassLoader> loader = runAndClose();

        for (int i = 0; i < ATTEMPTS && loader.get() != null; i++) {
            System.gc();
            // Heap pressure, for collectors that take a request as advice.
            List<byte[]> pressure = new ArrayList<>();
            for (int j = 0; j < 8; j++) {
                pressure.add(new byte[1 << 20]);
            }
            assertThat(pressure).hasSize(8);
        }

        assertThat(loader.get()).as("loader of the compiled classes").isNull();
    }

    /** In a method of its own, so that no local variable of the test keeps anything alive. */
    private static WeakReference<ClassLoader> runAndClose() {
        AtomicReference<WeakReference<ClassLoader>> found = new AtomicReference<>();
        WasmModule module = Modules.compile("reexport");
        ImportedFunction spy = host("double", List.of(WasmType.I32), List.of(WasmType.I32), (memory, args) -> {
            found.set(new WeakReference<>(loaderOfTheGuest()));
            return args[0] * 2;
        });
        WasmInstance instance = module.instantiate(List.of(spy), Modules.MEBIBYTE);
        instance.capture();
        assertThat(call(instance, "double", 2)).isEqualTo(4);
        instance.close();
        module.close();
        return found.get();
    }

    private static ClassLoader loaderOfTheGuest() {
        Set<ClassLoader> ours = Set.of(UnloadTest.class.getClassLoader(), ClassLoader.getPlatformClassLoader());
        return StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.map(frame -> frame.getDeclaringClass().getClassLoader())
                        .filter(loader -> loader != null && !ours.contains(loader))
                        .findFirst()
                        .orElseThrow());
    }
}
