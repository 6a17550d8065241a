package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.compiler.internal.ClassCollector;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.CompileProgress;

/** Takes the classes that the compiler makes, says how far it is, and stops it when that is wanted. */
final class ClassCollection implements ClassCollector {

    /** Part of the names of the classes that hold the functions; their number follows. */
    private static final String GROUP = "FuncGroup_";

    private final Watch watch;
    private final ClassCollector classes = new ByteClassCollector();
    private long bytes;

    ClassCollection(Watch watch) {
        this.watch = watch;
    }

    /** What the collections of one compilation have in common: the compiler makes a new one for each try. */
    static final class Watch {

        private final CompileProgress progress;
        private final int imported;
        private final int defined;
        private final long maxBytes;
        private int compiled;

        /**
         * @param imported number of functions that come before the module's own
         * @param defined number of functions that the module has
         * @param maxBytes most bytes of classes
         */
        Watch(CompileProgress progress, int imported, int defined, long maxBytes) {
            this.progress = progress;
            this.imported = imported;
            this.defined = defined;
            this.maxBytes = maxBytes;
        }

        private void made(String name, long bytes) {
            if (Thread.interrupted()) {
                throw new PluginException(
                        ErrorCode.CANCELLED, "compiling the module was stopped: its thread was interrupted");
            }
            if (bytes > maxBytes) {
                throw new PluginException(
                        ErrorCode.LIMIT_EXCEEDED,
                        "the compiled module takes more than " + maxBytes
                                + " bytes, which no module of its size needs");
            }
            int group = name.indexOf(GROUP);
            if (group >= 0) {
                int last = (Integer.parseInt(name.substring(group + GROUP.length())) + 1)
                        * ModuleCompiler.FUNCTIONS_PER_CLASS;
                // A function that is too large makes the compiler begin again, which is no step back for a user.
                compiled = Math.max(compiled, Math.min(last - imported, defined));
                progress.compiled(compiled, defined);
            }
        }
    }

    @Override
    public void put(String className, byte[] file) {
        classes.put(dotted(className), file);
        bytes += file.length;
        watch.made(className, bytes);
    }

    /** The compiler gives one of its classes the name that it has inside of class files. */
    private static String dotted(String className) {
        return className.replace('/', '.');
    }

    @Override
    public void putMainClass(String className, byte[] file) {
        classes.putMainClass(dotted(className), file);
        bytes += file.length;
        watch.made(className, bytes);
    }

    @Override
    public void putAll(ClassCollector collector) {
        classes.putAll(collector);
        bytes += ((ClassCollection) collector).bytes;
    }

    @Override
    public String mainClassName() {
        return classes.mainClassName();
    }

    @Override
    public Map<String, byte[]> classBytes() {
        return classes.classBytes();
    }

    @Override
    public byte[] resolve(Class<?> clazz) {
        return classes.resolve(clazz);
    }
}
