package org.circleosd.pluginmanager.nativeloader;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.worker.abi.Abi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code plugin.h} is what plugin authors compile against; {@link Abi} has to say the same. */
class HeaderTest {

    private static final Path HEADER = CLibrary.PLUGINS.resolve("include").resolve("plugin.h");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"c,c99", "c++,c++11"})
    void header_compilesWithoutAWarning(String language, String standard) throws Exception {
        Path source = Files.writeString(folder.resolve("use"), """
                #include "plugin.h"
                int32_t plugin_attach(const plugin_host *host) { return host->size == sizeof *host ? PLUGIN_OK : PLUGIN_E_ABI; }
                """);
        CLibrary.run(List.of(
                "cc",
                "-x",
                language,
                "-std=" + standard,
                "-pedantic",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-fsyntax-only",
                "-I",
                HEADER.getParent().toString(),
                source.toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "PLUGIN_OK, 0",
        "PLUGIN_E_FAIL, -1",
        "PLUGIN_E_NOFUNC, -2",
        "PLUGIN_E_BADARG, -3",
        "PLUGIN_E_NOMEM, -4",
        "PLUGIN_E_ABI, -5",
        "PLUGIN_E_DENIED, -6",
        "PLUGIN_E_NOTFOUND, -7",
        "PLUGIN_E_CANCELLED, -8"
    })
    void codes_areThoseOfTheAbi(String name, int code) throws Exception {
        assertThat(defined(name)).isEqualTo(code);
        assertThat(List.of(
                        Abi.OK,
                        Abi.FAIL,
                        Abi.NO_FUNCTION,
                        Abi.BAD_ARGUMENT,
                        Abi.NO_MEMORY,
                        Abi.WRONG_ABI,
                        Abi.DENIED,
                        Abi.NOT_FOUND,
                        Abi.CANCELLED))
                .contains(code);
    }

    @Test
    void version_isThatOfTheAbi() throws Exception {
        assertThat(defined("PLUGIN_ABI_MAJOR")).isEqualTo(Abi.MAJOR);
        assertThat(defined("PLUGIN_ABI_MINOR")).isEqualTo(Abi.MINOR);
    }

    private static int defined(String name) throws Exception {
        Matcher matcher =
                Pattern.compile("#define\\s+" + name + "\\s+\\(?(-?[0-9]+)").matcher(Files.readString(HEADER));
        assertThat(matcher.find()).as(name).isTrue();
        return Integer.parseInt(matcher.group(1));
    }
}
