package org.circleosd.pluginmanager.sandbox.module;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.api.engine.WasmExport;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.engine.WasmType;

/**
 * What a module needs and offers, read from its bytes: known long before an engine has compiled it.
 *
 * @param imports in the module's order
 * @param exports in the module's order
 * @param functionCount functions that the module defines
 */
public record ModuleInterface(List<WasmImport> imports, List<WasmExport> exports, int functionCount) {

    private static final String[] KINDS = {"function", "table", "memory", "global", "tag"};

    private static final int HEADER = 8;
    private static final int TYPE = 1;
    private static final int IMPORT = 2;
    private static final int FUNCTION = 3;
    private static final int EXPORT = 7;

    /** Copies the lists. */
    public ModuleInterface {
        imports = List.copyOf(imports);
        exports = List.copyOf(exports);
    }

    /**
     * Reads the sections that matter.
     *
     * @param wasm a module that passed its check: it is well-formed
     * @see <a href="https://webassembly.github.io/spec/core/binary/modules.html">binary format</a>
     */
    public static ModuleInterface of(byte[] wasm) {
        Reader in = new Reader(wasm);
        in.position = HEADER;
        while (in.position < wasm.length) {
            int id = in.next();
            int end = in.number() + in.position;
            switch (id) {
                case TYPE -> in.readTypes();
                case IMPORT -> in.readImports();
                case FUNCTION -> in.readFunctions();
                case EXPORT -> in.readExports();
                default -> {}
            }
            in.position = end;
        }
        return new ModuleInterface(in.imports, in.exports, in.defined);
    }

    private static final class Reader {

        private final byte[] wasm;
        private int position;

        private final List<WasmFunctionType> types = new ArrayList<>();
        /** Types of all functions: first the imported ones, then the module's own. */
        private final List<WasmFunctionType> functions = new ArrayList<>();

        private final List<WasmImport> imports = new ArrayList<>();
        private final List<WasmExport> exports = new ArrayList<>();
        private int defined;

        Reader(byte[] wasm) {
            this.wasm = wasm;
        }

        void readTypes() {
            int count = number();
            for (int i = 0; i < count; i++) {
                next();
                types.add(new WasmFunctionType(values(), values()));
            }
        }

        void readImports() {
            int count = number();
            for (int i = 0; i < count; i++) {
                String module = name();
                String name = name();
                int kind = next();
                WasmFunctionType type = null;
                switch (kind) {
                    case 0 -> {
                        type = types.get(number());
                        functions.add(type);
                    }
                    case 1 -> {
                        next();
                        skipLimits();
                    }
                    case 2 -> skipLimits();
                    default -> {
                        next();
                        number();
                    }
                }
                imports.add(new WasmImport(module, name, KINDS[kind], type));
            }
        }

        void readFunctions() {
            defined = number();
            for (int i = 0; i < defined; i++) {
                functions.add(types.get(number()));
            }
        }

        void readExports() {
            int count = number();
            for (int i = 0; i < count; i++) {
                String name = name();
                int kind = next();
                int index = number();
                exports.add(new WasmExport(name, KINDS[kind], kind == 0 ? functions.get(index) : null));
            }
        }

        private List<WasmType> values() {
            int count = number();
            List<WasmType> values = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                values.add(
                        switch (next()) {
                            case 0x7f -> WasmType.I32;
                            case 0x7e -> WasmType.I64;
                            case 0x7d -> WasmType.F32;
                            case 0x7c -> WasmType.F64;
                            default -> WasmType.OTHER;
                        });
            }
            return values;
        }

        private void skipLimits() {
            int flags = next();
            number();
            if ((flags & 1) != 0) {
                number();
            }
        }

        private String name() {
            int length = number();
            String name = new String(wasm, position, length, UTF_8);
            position += length;
            return name;
        }

        private int next() {
            return wasm[position++] & 0xff;
        }

        /** Reads an unsigned number of up to 32 bits in LEB128. */
        private int number() {
            int value = 0;
            for (int shift = 0; ; shift += 7) {
                int part = next();
                value |= (part & 0x7f) << shift;
                if ((part & 0x80) == 0) {
                    return value;
                }
            }
        }
    }
}
