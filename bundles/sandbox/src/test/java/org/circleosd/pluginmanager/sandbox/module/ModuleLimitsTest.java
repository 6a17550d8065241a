package org.circleosd.pluginmanager.sandbox.module;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.sandbox.Failures.assertFails;
import static org.circleosd.pluginmanager.sandbox.module.WasmBytes.concat;
import static org.circleosd.pluginmanager.sandbox.module.WasmBytes.hex;
import static org.circleosd.pluginmanager.sandbox.module.WasmBytes.module;
import static org.circleosd.pluginmanager.sandbox.module.WasmBytes.repeat;
import static org.circleosd.pluginmanager.sandbox.module.WasmBytes.unsigned;
import static org.junit.jupiter.api.Named.named;

import java.io.ByteArrayOutputStream;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Small files that claim or make an engine do very much. Each test has room for a loaded machine, none for an engine. */
@Timeout(30)
class ModuleLimitsTest {

    private static final String TYPES = "01 60 00 00";

    /** A module of functions without parameters and results, all with the same body. */
    private static byte[] functions(int count, byte[] body) {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        code.writeBytes(unsigned(count));
        byte[] entry = concat(unsigned(body.length), body);
        for (int i = 0; i < count; i++) {
            code.writeBytes(entry);
        }
        return module().section(1, TYPES)
                .section(3, concat(unsigned(count), repeat("00", count)))
                .section(10, code.toByteArray())
                .bytes();
    }

    private static byte[] function(byte[] body) {
        return functions(1, body);
    }

    private static byte[] entries(int section, int count, String entry) {
        return module().section(section, concat(unsigned(count), repeat(entry, count)))
                .bytes();
    }

    private static byte[] nested(int blocks) {
        return function(concat(hex("00"), repeat("02 40", blocks), repeat("0b", blocks + 1)));
    }

    private static byte[] branchTable(int targets) {
        return concat(hex("00 41 00 0e"), unsigned(targets), repeat("00", targets + 1), hex("0b"));
    }

    private static byte[] locals(long count) {
        return concat(hex("01"), unsigned(count), hex("7f 0b"));
    }

    private static byte[] operands(int count) {
        return function(concat(hex("00"), repeat("41 00", count), repeat("1a", count), hex("0b")));
    }

    private static byte[] exports(int count) {
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            names.writeBytes(concat(hex("04"), String.format("%04x", i).getBytes(US_ASCII), hex("02 00")));
        }
        return module().section(5, "01 00 01")
                .section(7, concat(unsigned(count), names.toByteArray()))
                .bytes();
    }

    private static byte[] name(int length) {
        return module().section(5, "01 00 01")
                .section(7, concat(hex("01"), unsigned(length), repeat("61", length), hex("02 00")))
                .bytes();
    }

    private static byte[] type(int parameters, int results) {
        return module().section(
                        1,
                        concat(
                                hex("01 60"),
                                unsigned(parameters),
                                repeat("7f", parameters),
                                unsigned(results),
                                repeat("7f", results)))
                .bytes();
    }

    private static byte[] data(int segments) {
        return module().section(5, "01 00 01")
                .section(11, concat(unsigned(segments), repeat("00 41 00 0b 00", segments)))
                .bytes();
    }

    private static byte[] table(long entries) {
        return module().section(4, concat(hex("01 70 00"), unsigned(entries))).bytes();
    }

    private static byte[] imports(int count) {
        return module().section(1, TYPES)
                .section(2, concat(unsigned(count), repeat("01 61 01 62 00 00", count)))
                .bytes();
    }

    static Stream<Named<byte[]>> modulesAtTheirLimit() {
        return Stream.of(
                named("10,000 types", entries(1, 10_000, "60 00 00")),
                named("10,000 imports", imports(10_000)),
                named("50,000 functions", functions(50_000, hex("00 0b"))),
                named("16 tables", entries(4, 16, "70 00 00")),
                named("10,000 globals", entries(6, 10_000, "7f 00 41 00 0b")),
                named("10,000 exports", exports(10_000)),
                named("10,000 element segments", entries(9, 10_000, "01 00 00")),
                named("100,000 data segments", data(100_000)),
                named("100,000 table entries", table(100_000)),
                named("64 parameters and 16 results", type(64, 16)),
                named("name of 1,024 bytes", name(1_024)),
                named("nesting of 4,096", nested(4_095)),
                named("10,000 operands", operands(10_000)),
                named("16,384 branch targets", function(branchTable(16_384))),
                named("5,000 locals", function(locals(5_000))),
                named("500,000 locals of a module", functions(100, locals(5_000))),
                named("body of 1 MiB", function(concat(hex("00"), repeat("01", (1 << 20) - 2), hex("0b")))));
    }

    @ParameterizedTest
    @MethodSource("modulesAtTheirLimit")
    void moduleAtItsLimit_isAccepted(byte[] module) {
        assertThat(ModuleCheck.check(module)).isNotNull();
    }

    static Stream<Named<byte[]>> modulesBeyondALimit() {
        return Stream.of(
                named("10,001 types", entries(1, 10_001, "60 00 00")),
                named("10,001 imports", imports(10_001)),
                named("50,001 functions", functions(50_001, hex("00 0b"))),
                named("17 tables", entries(4, 17, "70 00 00")),
                named("10,001 globals", entries(6, 10_001, "7f 00 41 00 0b")),
                named("10,001 exports", exports(10_001)),
                named("10,001 element segments", entries(9, 10_001, "01 00 00")),
                named("100,001 data segments", data(100_001)),
                named("100,001 table entries", table(100_001)),
                named("4 G table entries", table(0xffffffffL)),
                named("2 tables with 100,002 entries", entries(4, 2, "70 00 d1 86 03")),
                named("65 parameters", type(65, 0)),
                named("17 results", type(0, 17)),
                named("100,000 parameters", type(100_000, 0)),
                named("name of 1,025 bytes", name(1_025)),
                named("nesting of 4,097", nested(4_096)),
                named("nesting of 500,000", nested(500_000)),
                named("10,001 operands", operands(10_001)),
                named("16,385 branch targets", function(branchTable(16_385))),
                named("1,015,808 branch targets of a module", functions(62, branchTable(16_384))),
                named("5,001 locals", function(locals(5_001))),
                named("4 G locals", function(locals(0xffffffffL))),
                named(
                        "2 x 4 G locals",
                        function(concat(
                                hex("02"), unsigned(0xffffffffL), hex("7f"), unsigned(0xffffffffL), hex("7f 0b")))),
                named("505,000 locals of a module", functions(101, locals(5_000))),
                named("body of 1 MiB and a byte", function(concat(hex("00"), repeat("01", (1 << 20) - 1), hex("0b")))),
                named("2 M nested blocks in 6 MB", nested(2_000_000)),
                named("4 M branch targets", function(branchTable(4_000_000))));
    }

    @ParameterizedTest
    @MethodSource("modulesBeyondALimit")
    void moduleBeyondALimit_isRefused(byte[] module) {
        assertFails(ErrorCode.LIMIT_EXCEEDED, () -> ModuleCheck.check(module))
                .startsWith("the WebAssembly module goes beyond a limit: byte ")
                .contains(", at most ", " can be loaded");
    }

    @ParameterizedTest
    @CsvSource({
        "1, the number of entries of the type section is 4294967295",
        "2, the number of entries of the import section is 4294967295",
        "3, the number of entries of the function section is 4294967295",
        "4, the number of entries of the table section is 4294967295",
        "5, the number of entries of the memory section is 4294967295",
        "6, the number of entries of the global section is 4294967295",
        "7, the number of entries of the export section is 4294967295",
        "9, the number of entries of the element section is 4294967295",
        "10, the number of entries of the code section is 4294967295",
        "11, the number of entries of the data section is 4294967295",
    })
    void countBeyondTheFile_isRefusedBeforeAnythingIsAllocated(int section, String reason) {
        byte[] module = module().section(section, "ff ff ff ff 0f").bytes();
        assertFails(ErrorCode.PLUGIN_INVALID, () -> ModuleCheck.check(module)).contains(reason);
    }

    /** The engine's parser takes two gigabytes for this before it looks for them. */
    @Test
    void dataSegmentOfTwoGigabytesInFewBytes_isRefused() {
        byte[] module = module().section(1, TYPES)
                .section(3, "01 00")
                .section(5, "01 00 01")
                .section(10, "01 02 00 0b")
                .section(11, "01 00 41 00 0b ff ff ff ff 07")
                .bytes();
        assertThat(module).hasSizeLessThan(48);
        assertFails(ErrorCode.PLUGIN_INVALID, () -> ModuleCheck.check(module))
                .contains("a data segment claims 2147483647 bytes, but the data section has only 0 left");
    }

    @Test
    void elementSegmentThatClaimsTheWorld_isRefused() {
        byte[] module = module().section(4, "01 70 00 01")
                .section(9, "01 01 00 ff ff ff ff 0f")
                .bytes();
        assertFails(ErrorCode.PLUGIN_INVALID, () -> ModuleCheck.check(module))
                .contains("the number of elements is 4294967295, but only 0 bytes are left");
    }
}
