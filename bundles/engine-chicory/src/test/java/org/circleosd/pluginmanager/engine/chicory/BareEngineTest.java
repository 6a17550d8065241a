package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The faults of the library that {@link LinkableTable}, {@link ForeignCalls} and {@link FlatMemory#lend} work around. When
 * one of these tests fails, its work-around can go.
 */
class BareEngineTest {

    static Stream<Function<Instance, Machine>> machines() {
        return Stream.of(InterpreterMachine::new, MachineFactoryCompiler::compile);
    }

    @ParameterizedTest
    @MethodSource("machines")
    void indirectCallOfAnotherInstance_looksTheTypeUpInTheWrongModule(Function<Instance, Machine> machines) {
        Instance user = user(base(machines), machines);

        assertThatThrownBy(() -> user.export("call").apply(0, 5))
                .isInstanceOf(ChicoryException.class)
                .hasMessageContaining("type");
    }

    @ParameterizedTest
    @MethodSource("machines")
    void movedReference_losesItsOwner(Function<Instance, Machine> machines) {
        Instance base = base(machines);
        Instance user = user(base, machines);

        user.export("set").apply(9, 0); // base's $double, which is function 1 there

        assertThat(base.table(0).instance(9)).isSameAs(user);
    }

    @ParameterizedTest
    @MethodSource("machines")
    void dataSegments_areThoseOfTheLastInstanceOfAMemory(Function<Instance, Machine> machines) {
        Instance base = base(machines);
        user(base, machines);

        base.export("word").apply(300);

        assertThat(base.memory().readString(300, 4)).isEqualTo("USER");
    }

    static Instance base(Function<Instance, Machine> machines) {
        return Instance.builder(Parser.parse(Modules.bytes("linked-base")))
                .withMachineFactory(machines)
                .withImportValues(ImportValues.builder().addFunction(host()).build())
                .build();
    }

    private static ImportFunction host() {
        FunctionType unary = FunctionType.of(List.of(ValType.I32), List.of(ValType.I32));
        return new ImportFunction("test", "host", unary, (instance, args) -> args);
    }

    static Instance user(Instance base, Function<Instance, Machine> machines) {
        ImportValues.Builder imports = ImportValues.builder()
                .addFunction(host())
                .addMemory(new ImportMemory("base", "memory", base.exports().memory("memory")))
                .addTable(new ImportTable("base", "table", base.exports().table("table")));
        for (String name : List.of("double", "ask", "host", "two", "trap")) {
            imports.addFunction(ImportFunction.exportAsImport("base", name, base, name));
        }
        for (String name : List.of("counter", "constant")) {
            imports.addGlobal(new ImportGlobal("base", name, base.exports().global(name)));
        }
        return Instance.builder(Parser.parse(Modules.bytes("linked-user")))
                .withMachineFactory(machines)
                .withImportValues(imports.build())
                .build();
    }
}
