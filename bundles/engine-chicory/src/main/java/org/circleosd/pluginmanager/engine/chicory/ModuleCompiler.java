package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import java.util.Set;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.engine.chicory.store.CodeImage;

/** Makes classes of a module. */
final class ModuleCompiler {

    /**
     * Most functions of one class. A class is defined and verified as a whole when one of its functions is called, so
     * small ones make loading fast; each costs some kilobytes.
     */
    static final int FUNCTIONS_PER_CLASS = 64;

    /** To be raised when modules are compiled or refused in another way: what older versions stored is not used then. */
    static final int VERSION = 1;

    /** The library puts this before every reason, true or not. */
    private static final String PARSER_PREFIX = "section size mismatch, unexpected end of section or function, ";

    /** Room for the classes: several times what a byte of wasm becomes in a real plugin, and what each module needs. */
    private static final int CLASS_BYTES_PER_BYTE = 24;

    private static final int CLASS_BYTES_AT_LEAST = 4 << 20;

    private ModuleCompiler() {}

    /**
     * Compiles a module on the calling thread.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} if the bytes are no module that this engine can run,
     *     {@link ErrorCode#LIMIT_EXCEEDED} if that takes too much memory, {@link ErrorCode#CANCELLED} if the thread was
     *     interrupted
     */
    static CodeImage compile(byte[] wasm, CompileProgress progress) {
        try {
            return compile(new ModuleSections(wasm), progress);
        } catch (PluginException e) {
            throw e;
        } catch (OutOfMemoryError e) {
            throw new PluginException(ErrorCode.LIMIT_EXCEEDED, "compiling the module needs more memory than there is");
        } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
            // The bytes are valid, but they may still be more than the parser and the compiler were written for.
            throw new PluginException(ErrorCode.PLUGIN_INVALID, "the engine cannot compile the module: " + reason(e));
        }
    }

    private static CodeImage compile(ModuleSections sections, CompileProgress progress) {
        WasmModule decoded = Parser.parse(sections.withoutCustomSections());
        int imported = decoded.importSection().count(ExternalType.FUNCTION);
        int defined = decoded.functionSection().functionCount();
        progress.compiled(0, defined);
        ClassCollection.Watch watch =
                new ClassCollection.Watch(progress, imported, defined, mostClassBytes(sections.length()));
        // Not the library's front door: that wants instances of the decoded module, defines each class at once, and
        // cannot say what fell back.
        CompilerResult result = Compiler.builder(decoded)
                .withInterpreterFallback(InterpreterFallback.SILENT)
                .withMaxFunctionsPerClass(FUNCTIONS_PER_CLASS)
                .withClassCollectorFactory(() -> new ClassCollection(watch))
                .build()
                .compile();
        Set<Integer> interpreted = result.interpretedFunctions();
        CodeImage image = CodeImage.of(
                defined,
                interpreted.size(),
                result.collector().mainClassName(),
                sections.withoutCode(body -> interpreted.contains(imported + body)),
                result.classBytes());
        verify(image);
        return image;
    }

    /** Has the JVM look at all now, while the module can still be refused, and not in the middle of a call. */
    private static void verify(CodeImage image) {
        CompiledCode.of(image);
        CodeLoader loader = new CodeLoader(image.classes());
        for (String name : image.classes().names()) {
            try {
                Class.forName(name, true, loader);
            } catch (ClassNotFoundException e) {
                throw new LinkageError("the compiler made no class " + name, e);
            }
        }
    }

    /** Returns the most bytes that the classes of a module may take. */
    static long mostClassBytes(int moduleBytes) {
        return CLASS_BYTES_AT_LEAST + (long) CLASS_BYTES_PER_BYTE * moduleBytes;
    }

    private static String reason(Throwable thrown) {
        if (thrown instanceof StackOverflowError) {
            return "its code is nested too deeply";
        }
        String text = Failure.oneLine(thrown.getMessage());
        if (thrown instanceof ChicoryException && !text.isEmpty()) {
            return text.startsWith(PARSER_PREFIX) ? text.substring(PARSER_PREFIX.length()) : text;
        }
        return "the parser failed with " + Failure.describe(thrown);
    }
}
