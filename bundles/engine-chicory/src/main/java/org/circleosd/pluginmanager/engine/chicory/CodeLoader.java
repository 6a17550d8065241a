package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.compiler.internal.Compiler;
import org.circleosd.pluginmanager.engine.chicory.store.ClassFiles;
import org.circleosd.pluginmanager.engine.chicory.store.DamagedEntryException;
import org.jspecify.annotations.Nullable;

/**
 * Defines the classes of one compiled module, each when it is first needed: most functions of a large module are never
 * called. Its parent is the library's loader, as the classes need nothing else.
 */
final class CodeLoader extends ClassLoader {

    private final ClassFiles classes;

    CodeLoader(ClassFiles classes) {
        super("wasm", Compiler.class.getClassLoader());
        this.classes = classes;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte @Nullable [] file;
        try {
            file = classes.read(name);
        } catch (DamagedEntryException e) {
            throw new LinkageError("its stored code cannot be used, reload the plugin: " + e.getMessage());
        }
        if (file == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, file, 0, file.length);
    }
}
