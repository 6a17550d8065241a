package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ClassLoadingCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.ByteArrayInputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Function;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * A module as classes of the JVM.
 *
 * @param module all that instances need of it: without instructions if every function could be compiled
 * @param machines makes the running code of an instance
 * @param interpreted number of functions that the engine's interpreter runs
 */
record CompiledCode(WasmModule module, Function<Instance, Machine> machines, int interpreted) {

    private static final Logger LOG = System.getLogger(CompiledCode.class.getName());

    /** Chicory puts this before every reason, true or not. */
    private static final String PARSER_PREFIX = "section size mismatch, unexpected end of section or function, ";

    /** @throws PluginException {@link ErrorCode#PLUGIN_INVALID} if the bytes are no module that this engine can run */
    static CompiledCode of(byte[] wasm) {
        ModuleFrame frame = new ModuleFrame(wasm);
        try {
            return compile(frame);
        } catch (PluginException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError | AssertionError e) {
            // The parser and the compiler are not written for hostile bytes: any of these is the file's fault.
            LOG.log(Level.DEBUG, "module refused", e);
            throw ModuleBytes.invalid(reason(e));
        }
    }

    private static CompiledCode compile(ModuleFrame frame) {
        WasmModule decoded = Parser.parse(frame.withoutCustomSections());
        ModuleFeatures.check(decoded);
        // Not MachineFactoryCompiler: it insists on instances of the decoded module, and cannot say what fell back.
        CompilerResult result = Compiler.builder(decoded)
                .withInterpreterFallback(InterpreterFallback.SILENT)
                .withClassCollectorFactory(ClassLoadingCollector::new)
                .build()
                .compile();
        Function<Instance, Machine> machines = ((ClassLoadingCollector) result.collector()).machineFactory();
        int interpreted = result.interpretedFunctions().size();
        if (interpreted > 0) {
            LOG.log(
                    Level.INFO,
                    "{0} of {1} functions are too large to compile and will be interpreted",
                    interpreted,
                    decoded.codeSection().functionBodyCount());
            return new CompiledCode(decoded, machines, interpreted);
        }
        return new CompiledCode(withoutInstructions(frame), machines, 0);
    }

    private static WasmModule withoutInstructions(ModuleFrame frame) {
        byte[] rest = frame.withoutCode();
        return Parser.builder().withValidation(false).build().parse(() -> new ByteArrayInputStream(rest));
    }

    private static String reason(Throwable thrown) {
        if (thrown instanceof OutOfMemoryError) {
            return "reading it needs more memory than the JVM has";
        }
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
