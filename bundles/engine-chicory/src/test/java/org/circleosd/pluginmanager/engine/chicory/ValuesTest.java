package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.circleosd.pluginmanager.api.engine.WasmType.F32;
import static org.circleosd.pluginmanager.api.engine.WasmType.F64;
import static org.circleosd.pluginmanager.api.engine.WasmType.I32;
import static org.circleosd.pluginmanager.api.engine.WasmType.I64;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.function;
import static org.circleosd.pluginmanager.engine.chicory.Modules.host;

import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ValuesTest {

    private final List<Long> mixed = new ArrayList<>();
    private final WasmInstance instance = Modules.instantiate(
            "values",
            host("i64", List.of(I64), List.of(I64), (memory, args) -> args[0] + 1),
            host("f32", List.of(F32), List.of(F32), (memory, args) -> bits(-floatOf(args[0]))),
            host("f64", List.of(F64), List.of(F64), (memory, args) -> bits(doubleOf(args[0]) * 10)),
            host("i32", List.of(I32), List.of(I32), (memory, args) -> 0xffff_ffffL),
            host("mixed", List.of(I32, I64, F32, F64), List.of(), (memory, args) -> {
                for (long arg : args) {
                    mixed.add(arg);
                }
                return 99;
            }));

    @AfterEach
    void close() {
        instance.close();
    }

    @Test
    void i32_isTakenFromTheLow32Bits() {
        assertThat((int) call(instance, "i32", 0xffff_ffffL)).isZero();
        assertThat((int) call(instance, "i32", -1)).isZero();
        assertThat((int) call(instance, "i32", Integer.MAX_VALUE)).isEqualTo(Integer.MIN_VALUE);
        assertThat(call(instance, "widen", -1)).isEqualTo(0xffff_ffffL);
    }

    @Test
    void i64_keepsAllBits() {
        assertThat(call(instance, "i64", Long.MIN_VALUE + 1)).isEqualTo((Long.MIN_VALUE + 1) * 3);
    }

    @Test
    void floats_travelAsTheirBits() {
        assertThat(floatOf(call(instance, "f32", bits(3f)))).isEqualTo(1.5f);
        assertThat(doubleOf(call(instance, "f64", bits(2.25)))).isEqualTo(1.5);
    }

    @Test
    void severalResults_comeInOrder() {
        long[] swapped = function(instance, "swap").call(7, -9);
        assertThat(swapped[0]).isEqualTo(-9);
        assertThat((int) swapped[1]).isEqualTo(7);

        long[] three = function(instance, "three").call(bits(0.125));
        assertThat((int) three[0]).isEqualTo(-1);
        assertThat(floatOf(three[1])).isEqualTo(1.5f);
        assertThat(doubleOf(three[2])).isEqualTo(0.125);
    }

    @Test
    void hostFunctions_getAndGiveEveryType() {
        assertThat(call(instance, "hostI64", Long.MAX_VALUE)).isEqualTo(Long.MIN_VALUE);
        assertThat(floatOf(call(instance, "hostF32", bits(2.5f)))).isEqualTo(-2.5f);
        assertThat(doubleOf(call(instance, "hostF64", bits(0.5)))).isEqualTo(5);
        assertThat(call(instance, "hostI32Widened", 0)).isEqualTo(0xffff_ffffL);
    }

    @Test
    void hostFunctionWithoutResult_hasItsReturnValueIgnored() {
        assertThat(function(instance, "hostMixed").call()).isEmpty();

        assertThat(mixed.get(0).intValue()).isEqualTo(-2);
        assertThat(mixed.get(1)).isEqualTo(-3);
        assertThat(floatOf(mixed.get(2))).isEqualTo(1.25f);
        assertThat(doubleOf(mixed.get(3))).isEqualTo(-0.5);
    }

    @Test
    void type_isThatOfTheModule() {
        assertThat(function(instance, "swap").type())
                .isEqualTo(new WasmFunctionType(List.of(I32, I64), List.of(I64, I32)));
    }

    @Test
    void wrongNumberOfArguments_isTheCallersMistake() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> function(instance, "swap").call(1))
                .withMessageContaining("takes 2 arguments, 1 were given");
    }

    @Test
    void reexportedHostFunction_canBeCalled() {
        WasmInstance again = Modules.instantiate(
                "reexport", host("double", List.of(I32), List.of(I32), (memory, args) -> args[0] * 2));

        assertThat((int) call(again, "double", 21)).isEqualTo(42);
    }

    private static long bits(float value) {
        return Float.floatToRawIntBits(value);
    }

    private static long bits(double value) {
        return Double.doubleToRawLongBits(value);
    }

    private static float floatOf(long bits) {
        return Float.intBitsToFloat((int) bits);
    }

    private static double doubleOf(long bits) {
        return Double.longBitsToDouble(bits);
    }
}
