package org.circleosd.pluginmanager.sandbox.module;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.sandbox.Failures.assertFails;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The function has locals 0 to 5: i32, i64, f32, f64, funcref, externref. */
class FunctionBodyTest {

    private static final String NO_RESULT = "60 00 00";
    private static final String I32_RESULT = "60 00 01 7f";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "end",
                "nop end",
                "unreachable end",
                "local.get 0 drop end",
                "i32.const 1 i64.const 2 block 2 drop drop i64.const 1 i32.const 2 end drop drop end",
                "block 0x7f i32.const 1 end drop end",
                "block 0x40 br 0 end end",
                "loop 0x40 br 0 end end",
                "loop 0x40 br 1 end end",
                "loop 0x7f i32.const 1 local.get 0 br_if 1 end drop end",
                "block 0x7f i32.const 1 local.get 0 br_if 0 end drop end",
                "local.get 0 if 0x40 nop else nop end end",
                "local.get 0 if 0x40 nop end end",
                "local.get 0 if 0x7f i32.const 1 else i32.const 2 end drop end",
                "block 0x40 block 0x40 local.get 0 br_table 2 0 1 2 end end end",
                "block 0x40 block 0x40 local.get 0 br_table 0 1 end end end",
                "return end",
                "return i32.add drop end",
                "unreachable select drop end",
                "unreachable i32.const 1 i32.add drop end",
                "unreachable ref.is_null drop end",
                "block 0x7f unreachable end drop end",
                "block 0x7f br 1 end drop end",
                "call 0 end",
                "i32.const 1 call_indirect 1 0 end",
                "i32.const 1 i64.const 2 i32.const 3 call_indirect 2 0 drop drop end",
                "i32.const 1 i32.const 2 i32.const 3 select drop end",
                "local.get 4 local.get 4 i32.const 3 0x1c 1 0x70 drop end",
                "local.get 0 local.set 0 local.get 1 local.tee 1 drop end",
                "global.get 0 global.set 1 end",
                "i32.const 0 table.get 0 drop end",
                "i32.const 0 local.get 4 table.set 0 end",
                "local.get 4 i32.const 1 table.grow 0 drop end",
                "table.size 0 drop end",
                "i32.const 0 local.get 4 i32.const 1 table.fill 0 end",
                "i32.const 0 i32.const 0 i32.const 0 table.init 0 0 elem.drop 0 end",
                "i32.const 0 i32.const 0 i32.const 0 table.copy 0 0 end",
                "i32.const 0 i32.const 0 i32.const 0 memory.init 0 0 data.drop 0 end",
                "i32.const 0 i32.const 0 i32.const 0 memory.copy 0 0 end",
                "i32.const 0 i32.const 0 i32.const 0 memory.fill 0 end",
                "memory.size 0 memory.grow 0 drop end",
                "i32.const 0 i32.load 2 0 drop end",
                "i32.const 0 i64.const 1 i64.store32 2 63 end",
                "ref.null 0x6f drop ref.func 0 ref.is_null drop end",
                "f32.const 0 0 0 0 i64.trunc_sat_f32_u i32.wrap_i64 i32.extend8_s drop end",
                "f64.const 0 0 0 0 0 0 0 0 f32.demote_f64 i32.reinterpret_f32 drop end",
                "i32.const 0xff 0xff 0xff 0xff 0x07 drop i32.const 0x80 0x80 0x80 0x80 0x78 drop end",
                "i64.const 0xff 0xff 0xff 0xff 0xff 0xff 0xff 0xff 0xff 0x00 drop end",
            })
    void validCode_isAccepted(String code) {
        String accepted =
                code.endsWith("|") ? code.replace("f32.add", "i32.add").replace("|", "") : code;
        assertThat(ModuleCheck.check(WasmBytes.moduleWithFunction(NO_RESULT, accepted)))
                .extracting(ModuleFigures::functions)
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    drop end                                              | drop expects a value, but the stack
                    i32.const 1 end                                       | 1 values too many
                    i32.const 1 i64.const 1 i32.add drop end              | i32.add expects i32, but finds i64
                    i32.const 1 i32.add drop end                          | i32.add expects i32, but the stack
                    f32.const 0 0 0 0 f64.sqrt drop end                   | f64.sqrt expects f64, but finds f32
                    unreachable f32.const 0 0 0 0 i32.add end             | i32.add expects i32, but finds f32
                    i32.const 1 block 0x40 drop end end                   | drop expects a value
                    block 0x7f end drop end                               | end expects i32
                    block 0x7f i64.const 1 end drop end                   | end expects i32, but finds i64
                    block 63 end end                                      | type of the block is 63
                    block 0xff 0x7f end end                               | type of the block is -1
                    block 0x41 end end                                    | unknown type 0x41
                    br 1 end                                              | the label is 1, but there are 1
                    block 0x7f br 0 end drop end                          | br expects i32
                    block 0x7f i32.const 1 br_if 0 end drop end           | br_if expects i32
                    loop 0x7f i32.const 1 end end                         | 1 values too many
                    local.get 0 if 0x7f i32.const 1 end drop end          | if without an else
                    local.get 1 if 0x40 end end                           | if expects i32, but finds i64
                    else end                                              | else without an if
                    block 0x40 else end end                               | else without an if
                    local.get 0 if 0x40 else else end end                 | else without an if
                    block 0x40 block 0x7f local.get 0 local.get 0 br_table 1 0 1 end drop end end | different numbers
                    block 0x40 local.get 0 br_table 1 0 2 end end         | the label is 2, but there are 2
                    block 0x7e local.get 0 local.get 0 br_table 0 0 end drop end | br_table expects i64, but finds i32
                    local.get 0 br_table 63                               | number of targets is 63, but only 0 bytes
                    call 1 end                                            | function to call is 1, but there are 1
                    i32.const 1 call_indirect 3 0 end                     | type of the function to call is 3
                    i32.const 1 call_indirect 1 1 end                     | the table is 1, but there are 1
                    call_indirect 1 0 end                                 | call_indirect expects i32
                    i32.const 3 call_indirect 2 0 drop drop end           | call_indirect expects i64
                    i32.const 1 i64.const 1 i32.const 1 select drop end   | select between i32 and i64
                    local.get 4 local.get 4 i32.const 1 select drop end   | references needs a type
                    i32.const 1 i32.const 1 i32.const 1 0x1c 2 0x7f 0x7f drop end | select with 2 types
                    i32.const 1 i32.const 1 i32.const 1 0x1c 0 drop end | select with 0 types
                    local.get 6 drop end                                  | the local is 6, but there are 6
                    local.get 1 local.set 0 end                           | local.set expects i32, but finds i64
                    i32.const 1 global.set 0 end                          | global 0, which is constant
                    global.get 2 drop end                                 | the global is 2, but there are 2
                    i32.const 0 i32.load 3 0 drop end                     | the alignment is 2^3, at most 2^2
                    i32.const 0 i32.load8_u 1 0 drop end                  | the alignment is 2^1, at most 2^0
                    i64.const 0 i32.load 2 0 drop end                     | i32.load expects i32, but finds i64
                    i32.const 0 i32.const 1 f64.store 0 0 end             | f64.store expects f64, but finds i32
                    local.get 5 i32.const 1 table.grow 0 drop end         | table.grow expects funcref, but finds externref
                    i32.const 0 local.get 5 table.set 0 end               | table.set expects funcref
                    table.get 1 drop end                                  | the table is 1, but there are 1
                    elem.drop 1 end                                       | the element segment is 1
                    data.drop 1 end                                       | the data segment is 1
                    i32.const 1 ref.is_null drop end                      | ref.is_null of i32
                    ref.null 0x7f drop end                                | has the type i32; expected funcref
                    ref.func 1 drop end                                   | function to refer to is 1
                    0x27 end                                              | no instruction 0x27
                    0xfc 0x12 end                                         | no instruction 0xfc 0x12
                    0xfc 0x80 0x80 0x80 0x80 0x10 end                     | no unsigned number
                    i32.const 0xff 0xff 0xff 0xff 0x0f drop end           | no signed number of 32 bits
                    i32.const 0x80 0x80 0x80 0x80 0x80 0x00 drop end      | no signed number of 32 bits
                    i64.const 0xff 0xff 0xff 0xff 0xff 0xff 0xff 0xff 0xff 0x01 drop end | no signed number of 64 bits
                    block 0x40 end                                        | an instruction is cut off: the function ends
                    f64.const 0 0 end                                     | the function has only 3 left
                    end nop                                               | goes on after its end for 1 bytes
                    """)
    void invalidCode_isRefusedWithTheReason(String code, String reason) {
        assertFails(ErrorCode.PLUGIN_INVALID, () -> ModuleCheck.check(WasmBytes.moduleWithFunction(NO_RESULT, code)))
                .contains("not a valid WebAssembly module: byte ", " in function 0: ", reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "i32.const 1 end",
                "i32.const 1 return end",
                "i32.const 1 br 0 end",
                "i32.const 1 i32.const 0 br_if 0 end",
                "i32.const 1 i32.const 0 br_table 0 0 end",
                "unreachable end",
                "loop 0x40 br 0 end unreachable end",
            })
    void result_isGivenInEveryWay(String code) {
        assertThat(ModuleCheck.check(WasmBytes.moduleWithFunction(I32_RESULT, code)))
                .extracting(ModuleFigures::functions)
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"end", "return end", "br 0 end", "i64.const 1 return end", "loop 0x40 br 0 end end"})
    void missingResult_isRefused(String code) {
        assertFails(ErrorCode.PLUGIN_INVALID, () -> ModuleCheck.check(WasmBytes.moduleWithFunction(I32_RESULT, code)))
                .contains(" expects i32, but ");
    }
}
