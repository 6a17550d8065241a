package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.TypeSection;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.EnumSet;
import java.util.Set;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * Refuses what the engine parses but cannot run as specified: SIMD has no compiled form, and compiled tail calls use up
 * the stack. Also refuses what would get around the limits: garbage-collected objects live on the Java heap, where no
 * memory limit counts them, and atomics need shared memories.
 */
final class ModuleFeatures {

    private static final Set<OpCode> TAIL_CALLS =
            EnumSet.of(OpCode.RETURN_CALL, OpCode.RETURN_CALL_INDIRECT, OpCode.RETURN_CALL_REF);

    private static final int GC = 0xfb;
    private static final int SIMD = 0xfd;
    private static final int THREADS = 0xfe;

    private ModuleFeatures() {}

    /** @throws PluginException {@link ErrorCode#PLUGIN_INVALID} naming the feature and how to build without it */
    static void check(WasmModule module) {
        TypeSection types = module.typeSection();
        for (FunctionType type : types.types()) {
            if (type == null) {
                throw garbageCollection();
            }
            type.params().forEach(ModuleFeatures::check);
            type.returns().forEach(ModuleFeatures::check);
        }
        CodeSection code = module.codeSection();
        for (int i = 0; i < code.functionBodyCount(); i++) {
            code.getFunctionBody(i).localTypes().forEach(ModuleFeatures::check);
            for (AnnotatedInstruction instruction : code.getFunctionBody(i).instructions()) {
                check(instruction.opcode());
            }
        }
    }

    private static void check(ValType type) {
        if (type.opcode() == ValType.ID.V128) {
            throw simd();
        }
    }

    private static void check(OpCode opcode) {
        switch (opcode.opcode() >>> 8) {
            case GC -> throw garbageCollection();
            case SIMD -> throw simd();
            case THREADS ->
                throw SectionBody.unsupported(
                        "atomic instructions (threads)", "compile the plugin without -pthread and -matomics");
            default -> {
                if (TAIL_CALLS.contains(opcode)) {
                    throw SectionBody.unsupported("tail calls", "compile the plugin with -mno-tail-call");
                }
            }
        }
    }

    private static PluginException simd() {
        return SectionBody.unsupported(
                "SIMD", "compile the plugin with -mno-simd128 (Rust: -C target-feature=-simd128)");
    }

    private static PluginException garbageCollection() {
        return SectionBody.unsupported(
                "garbage-collected types", "choose a language or a compiler option that manages its own memory");
    }
}
