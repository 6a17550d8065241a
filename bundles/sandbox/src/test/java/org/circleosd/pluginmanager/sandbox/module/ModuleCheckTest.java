package org.circleosd.pluginmanager.sandbox.module;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.sandbox.Failures.assertFails;
import static org.circleosd.pluginmanager.sandbox.module.WasmBytes.module;

import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Modules are written as sections: their number, a colon, their content in hexadecimal bytes, between semicolons. */
class ModuleCheckTest {

    private static byte[] sections(String text) {
        WasmBytes module = module();
        for (String section : text.split(";", -1)) {
            String[] parts = section.split(":", -1);
            module.section(Integer.parseInt(parts[0].trim()), parts[1]);
        }
        return module.bytes();
    }

    @Test
    void moduleWithoutSections_isAccepted() {
        assertThat(ModuleCheck.check(module().bytes())).isEqualTo(new ModuleFigures(0, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void figures_sayWhatTheModuleHas() {
        byte[] module = WasmBytes.moduleWithFunction(
                "60 00 00", "block 0x40 block 0x40 i32.const 1 i32.const 2 drop br_table 2 0 1 2 end end end");
        // 6 locals in 13 bytes, then the code.
        assertThat(ModuleCheck.check(module)).isEqualTo(new ModuleFigures(1, 13 + 17, 6, 6, 3, 2, 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0: 00",
                "0: 04 6e 61 6d 65 ff ff",
                "0: 00; 1: 00; 0: 00; 2: 00; 0: 00",
                "1: 01 60 03 7f 7e 70 02 7d 6f",
                "1: 01 60 00 00; 2: 01 01 61 01 62 00 00",
                "2: 02 01 61 01 62 01 70 01 00 05 01 61 01 63 01 6f 00 00",
                "2: 02 01 61 01 62 02 01 00 05 01 61 01 63 03 7c 01",
                "2: 01 00 00 03 7f 00; 6: 01 7f 00 23 00 0b",
                "4: 03 70 00 00 6f 01 00 05 70 00 02",
                "5: 01 00 00",
                "5: 01 01 00 80 80 04",
                "6: 02 7f 00 41 01 0b 7e 01 42 01 42 02 42 03 7e 7c 0b",
                "6: 03 7d 00 43 00 00 00 00 0b 7c 00 44 00 00 00 00 00 00 00 00 0b 6f 00 d0 6f 0b",
                "5: 01 00 01; 7: 02 01 61 02 00 01 62 02 00",
                "4: 01 70 00 02; 9: 02 00 41 00 0b 00 01 00 00",
                "4: 02 6f 00 02 70 00 02; 9: 02 06 01 41 00 0b 70 01 d0 70 0b 05 6f 01 d0 6f 0b",
                "5: 01 00 01; 11: 02 00 41 00 0b 01 61 01 02 61 62",
                "5: 01 00 01; 12: 01; 11: 01 02 00 41 00 0b 00",
                "1: 01 60 00 00; 2: 01 01 61 01 62 00 00; 8: 00",
                "1: 01 60 00 00; 3: 01 00; 6: 01 70 00 d2 00 0b; 10: 01 02 00 0b",
                "12: 00",
                "1: 01 60 00 00; 3: 01 00; 7: 01 04 f0 9f 98 80 00 00; 10: 01 02 00 0b",
            })
    void validModule_isAccepted(String text) {
        assertThat(ModuleCheck.check(sections(text))).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    3: 00; 1: 00                             | byte 11: the type section comes after the function section
                    1: 00; 1: 00                             | byte 11: the type section is there twice
                    12: 00; 9: 00                            | the element section comes after the data count section
                    14: 00                                   | byte 8: there is no section with the id 14
                    255: 00                                  | byte 8: there is no section with the id 255
                    1: 00 00                                 | the type section has 1 bytes more than its entries
                    1: 02 60 00 00                           | is cut off: the type section ends at byte 14
                    1: ff ff ff ff 0f                        | entries of the type section is 4294967295, but only 0 bytes
                    1: ff ff ff ff 1f                        | is no unsigned number of 32 bits
                    1: 80 80 80 80 80 00                     | is no unsigned number of 32 bits
                    1:                                       | is cut off
                    0:                                       | the length of the name of a custom section
                    0: 02 61                                 | the name of a custom section claims 2 bytes
                    0: 01 ff                                 | byte 11: the name of a custom section is not UTF-8
                    1: 01 61 00 00                           | type 0 has the unknown form 0x61
                    1: 01 60 01 40 00                        | a parameter has the unknown type 0x40
                    1: 01 60 00 01 00                        | a result has the unknown type 0x0
                    2: 01 01 61 01 62 05 00                  | import 0 has the unknown kind 5
                    2: 01 01 61 01 62 00 00                  | the type of a function is 0, but there are 0
                    2: 01 02 c3 28 01 62 02 00 00            | byte 12: the module of an import is not UTF-8
                    2: 01 01 61 01 62 03 7f 02               | the mutability of a global is 2
                    1: 01 60 00 00; 3: 01 01                 | the type of a function is 1, but there are 1
                    1: 01 60 00 00; 3: 01 00                 | 1 functions are declared, but 0 have a body
                    10: 01 02 00 0b                          | 0 functions are declared, but 1 have a body
                    4: 01 7f 00 00                           | a table has the type i32; expected funcref or externref
                    4: 01 70 01 02 01                        | the minimum of a table is 2, more than 1
                    4: 01 70 10 02                           | a table has the unknown flags 0x10
                    5: 01 01 02 01                           | the minimum of a memory is 2, more than 1
                    5: 01 00 81 80 04                        | the minimum of a memory is 65537, more than 65536
                    5: 01 01 00 81 80 04                     | the maximum of a memory is 65537, at most 65536
                    6: 01 7f 00 42 00 0b                     | the value of a global yields i64; expected i32
                    6: 01 7f 00 0b                           | the value of a global yields nothing; expected i32
                    6: 01 7f 00 41 00 41 00 0b               | the value of a global yields 2 values; expected i32
                    6: 01 7f 00 41 00 6a 0b                  | i32.add expects i32, but finds nothing
                    6: 01 7f 00 42 00 42 00 6a 0b            | i32.add expects i32, but finds 2 values
                    6: 01 7f 00 41 00 41 00 6d 0b            | the instruction 0x6d, which is not constant
                    6: 01 7f 00 41 00                        | the value of a global is cut off
                    6: 02 7f 00 41 00 0b 7f 00 23 00 0b      | reads global 0; only imported constant ones
                    2: 01 00 00 03 7f 01; 6: 01 7f 00 23 00 0b | reads global 0; only imported constant ones
                    6: 01 70 00 d2 00 0b                     | the function to refer to is 0, but there are 0
                    5: 01 00 01; 7: 02 01 61 02 00 01 61 02 00 | byte 20: there are two exports named 'a'
                    7: 01 01 61 00 00                        | the exported function is 0, but there are 0
                    7: 01 01 61 01 00                        | the exported table is 0, but there are 0
                    7: 01 01 61 02 00                        | the exported memory is 0, but there are 0
                    7: 01 01 61 03 00                        | the exported global is 0, but there are 0
                    7: 01 01 61 05 00                        | export 0 has the unknown kind 5
                    5: 01 00 01; 7: 01 03 ed a0 80 02 00     | the name of an export is not UTF-8
                    8: 00                                    | the start function is 0, but there are 0
                    1: 01 60 01 7f 00; 2: 01 00 00 00 00; 8: 00 | the start function has parameters or results
                    1: 01 60 00 01 7f; 2: 01 00 00 00 00; 8: 00 | the start function has parameters or results
                    9: 01 00 41 00 0b 00                     | an element segment, but the module has no table
                    4: 01 70 00 01; 9: 01 08                 | an element segment has the unknown flags 8
                    4: 01 70 00 01; 9: 01 00 42 00 0b 00     | the offset of an element segment yields i64
                    4: 01 6f 00 01; 9: 01 00 41 00 0b 00     | of funcref is meant for a table of externref
                    4: 01 70 00 01; 9: 01 00 41 00 0b 01 00  | the function of an element is 0, but there are 0
                    4: 01 70 00 01; 9: 01 01 01 00           | an element segment has the unknown kind 1
                    9: 01 05 70 01 d0 6f 0b                  | an element yields externref; expected funcref
                    9: 01 05 7f 00                           | an element segment has the type i32
                    11: 01 00 41 00 0b 00                    | a data segment, but the module has no memory
                    5: 01 00 01; 11: 01 03                   | a data segment has the unknown mode 3
                    5: 01 00 01; 11: 01 00 43 00 00 00 00 0b 00 | the offset of a data segment yields f32
                    5: 01 00 01; 11: 01 00 41 00 0b ff ff ff ff 07 | a data segment claims 2147483647 bytes
                    12: 01                                   | 1 data segments are announced, but there are 0
                    5: 01 00 01; 12: 00; 11: 01 00 41 00 0b 00 | 0 data segments are announced, but there are 1
                    1: 01 60 00 00; 3: 01 00; 10: 01 03 00 0b | a function body claims 3 bytes
                    """)
    void invalidModule_isRefusedWithThePlaceAndTheReason(String text, String reason) {
        assertFails(ErrorCode.PLUGIN_INVALID, () -> ModuleCheck.check(sections(text)))
                .startsWith("not a valid WebAssembly module: byte ")
                .contains(reason);
    }

    @Test
    void sectionThatClaimsMoreThanTheFile_isRefused() {
        byte[] module = module().raw(WasmBytes.hex("01 05 00")).bytes();
        assertFails(ErrorCode.PLUGIN_INVALID, () -> ModuleCheck.check(module))
                .contains("byte 10: the type section claims 5 bytes, but the file has only 1 left");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    1: 01 60 01 7b 00                        | SIMD                | -mno-simd128
                    1: 01 5e 7f 00                           | garbage-collected   | its own memory
                    1: 01 60 01 6e 00                        | garbage-collected   | its own memory
                    1: 01 60 01 64 00 00                     | function references | 2.0
                    1: 01 60 01 69 00                        | exceptions          | -fno-exceptions
                    13: 00                                   | exceptions          | -fno-exceptions
                    2: 01 01 61 01 62 04 00 00               | exceptions          | -fno-exceptions
                    4: 01 40 00 70 00 00 d0 70 0b            | function references | 2.0
                    5: 01 04 01                              | memory64            | wasm32
                    4: 01 70 04 01                           | memory64            | wasm32
                    5: 01 03 01 01                           | threads             | -pthread
                    5: 01 08 01 00                           | custom-page-sizes   | proposal
                    5: 02 00 01 00 01                        | multi-memory        | -mno-multimemory
                    2: 02 00 00 02 00 01 00 00 02 00 01      | multi-memory        | -mno-multimemory
                    5: 01 00 01; 11: 01 02 01 41 00 0b 00    | multi-memory        | -mno-multimemory
                    6: 01 70 00 fb 1c 0b                     | garbage-collected   | its own memory
                    """)
    void extension_isRefusedByName(String text, String name, String hint) {
        assertFails(ErrorCode.PLUGIN_INVALID, () -> ModuleCheck.check(sections(text)))
                .startsWith("the module uses ")
                .contains(name, " (byte ", "which this host does not run", hint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    0xfd 0x0c end                 | SIMD
                    0xfe 0x03 0 end               | threads
                    0x12 0 end                    | tail calls
                    0x13 0 0 end                  | tail calls
                    0x06 0x40 end end             | exceptions
                    0x1f 0x40 0 end end           | exceptions
                    0x08 0 end                    | exceptions
                    0x14 0 end                    | function references
                    0xd5 0 end                    | function references
                    0xd3 end                      | garbage-collected
                    0xfb 0 0 end                  | garbage-collected
                    0xe2 0 end                    | stack switching
                    0xfc 0x13 end                 | wide arithmetic
                    block 0x7b end                | SIMD
                    i32.const 0 i32.load 0x42 0 0 | multi-memory
                    memory.size 1                 | multi-memory
                    """)
    void instructionOfAnExtension_isRefusedByName(String code, String name) {
        assertFails(ErrorCode.PLUGIN_INVALID, () -> ModuleCheck.check(WasmBytes.moduleWithFunction("60 00 00", code)))
                .startsWith("the module uses ")
                .contains(name, " in function 0)");
    }

    @Test
    void component_isRefusedAsMadeForAnotherHost() {
        assertFails(ErrorCode.INCOMPATIBLE, () -> ModuleCheck.check(WasmBytes.hex("00 61 73 6d 0d 00 01 00")))
                .contains("component", "wasm32-wasip1");
    }

    @ParameterizedTest
    @CsvSource({
        "'', the file is empty",
        "00 61 73, the file is cut off after 3 bytes",
        "00 61 73 6d 02 00 00 00, another version: 02 00 00 00",
        "00 61 73 6d 01 00, the file is cut off after 6 bytes",
        "7f 45 4c 46 02 01 01 00 00, an ELF file",
        "89 50 4e 47 0d 0a, it starts with 89 50 4e 47"
    })
    void otherFile_isRefusedSayingWhatItSeemsToBe(String bytes, String found) {
        assertFails(ErrorCode.PLUGIN_INVALID, () -> ModuleCheck.check(WasmBytes.hex(bytes)))
                .contains("expected a file that starts with 00 61 73 6d 01 00 00 00", found);
    }

    @ParameterizedTest
    @CsvSource({"(module), WebAssembly text", "hello, a text file"})
    void textFile_isRefusedSayingWhatItSeemsToBe(String text, String found) {
        assertFails(ErrorCode.PLUGIN_INVALID, () -> ModuleCheck.check(text.getBytes(StandardCharsets.UTF_8)))
                .contains(found);
    }

    @ParameterizedTest
    @CsvSource({
        "c3 a9, true",
        "ed 9f bf, true",
        "ef bf bf, true",
        "f0 90 80 80, true",
        "f4 8f bf bf, true",
        "80, false",
        "c0 80, false",
        "c1 bf, false",
        "c3, false",
        "c3 c3, false",
        "e0 9f bf, false",
        "ed a0 80, false",
        "ed bf bf, false",
        "ef bf, false",
        "f0 8f bf bf, false",
        "f4 90 80 80, false",
        "f5 80 80 80, false",
        "ff, false"
    })
    void name_isTakenOnlyInStrictUtf8(String bytes, boolean accepted) {
        byte[] name = WasmBytes.hex(bytes);
        assertThat(Utf8.firstWrong(name, 0, name.length)).isEqualTo(accepted ? -1 : 0);
    }
}
