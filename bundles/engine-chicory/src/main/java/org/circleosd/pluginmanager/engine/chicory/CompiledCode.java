package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.ByteArrayInputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.circleosd.pluginmanager.engine.chicory.store.ClassFiles;
import org.circleosd.pluginmanager.engine.chicory.store.CodeImage;

/**
 * A module as classes of the JVM, which all plugins of the same bytes share.
 *
 * @param module all that instances need of it: without the instructions that were compiled
 * @param machines makes the running code of an instance
 * @param interpreted number of functions that the engine's interpreter runs
 * @param classes what the machines are made of
 */
record CompiledCode(WasmModule module, Function<Instance, Machine> machines, int interpreted, ClassFiles classes) {

    /** @throws LinkageError if the classes are not those of this engine */
    static CompiledCode of(CodeImage image) {
        return new CompiledCode(parse(image.module()), machines(image), image.interpreted(), image.classes());
    }

    /** Without validation, which the whole module went through when it was compiled. */
    private static WasmModule parse(ByteBuffer stripped) {
        return Parser.builder()
                .withValidation(false)
                .build()
                .parse(() -> new ByteArrayInputStream(
                        stripped.array(), stripped.arrayOffset() + stripped.position(), stripped.remaining()));
    }

    private static Function<Instance, Machine> machines(CodeImage image) {
        MethodHandle constructor;
        try {
            Class<?> main = new CodeLoader(image.classes()).loadClass(image.mainClass());
            constructor = MethodHandles.publicLookup()
                    .findConstructor(main, MethodType.methodType(void.class, Instance.class))
                    .asType(MethodType.methodType(Machine.class, Instance.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the compiled module has no class " + image.mainClass() + " to begin with", e);
        }
        return instance -> make(constructor, instance);
    }

    private static Machine make(MethodHandle constructor, Instance instance) {
        try {
            return (Machine) constructor.invokeExact(instance);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the constructor of compiled modules declares no exception", e);
        }
    }
}
