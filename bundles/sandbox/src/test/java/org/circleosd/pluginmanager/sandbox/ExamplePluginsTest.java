package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ExamplePluginsTest {

    private final Plugins plugins = new Plugins();

    @AfterEach
    void close() {
        plugins.close();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "hello, bytes, world, `Hello, world!`",
                "hello, bytes, ``, `Hello, !`",
                "upper, wasi-command, `straße 1`, `STRAßE 1`",
                "upper, wasi-command, ``, ``",
                "wordcount, bytes, hello world, `{\"lines\":1,\"words\":2,\"bytes\":11}`",
                "wordcount, bytes, ``, `{\"lines\":0,\"words\":0,\"bytes\":0}`",
                "spin, bytes, hello, hello",
                "spin, bytes, forever!, forever!",
            })
    void example_answersAsItsManifestSays(String name, String abi, String payload, String answer) {
        LoadedPlugin plugin = plugins.describing("handle").load(example(name), name);
        for (int i = 0; i < 3; i++) {
            assertThat(Plugins.text(plugin, "handle", payload)).isEqualTo(answer);
        }
        assertThat(plugin.abi()).isEqualTo(abi);
        assertThat(plugin.functions()).containsExactly("handle");
        assertThat(plugin.isolation()).containsExactly("wasm");
    }

    @Test
    void wordcountWithLineFeeds_countsTheOpenLineToo() {
        LoadedPlugin plugin = plugins.load(example("wordcount"), "wordcount");
        assertThat(Plugins.text(plugin, "handle", "hello brave\nworld"))
                .isEqualTo("{\"lines\":2,\"words\":3,\"bytes\":17}");
    }

    @Test
    void countVowels_keepsItsTotal() {
        LoadedPlugin plugin = plugins.describing("count_vowels").load(example("count-vowels"), "count-vowels");
        assertThat(plugin.abi()).isEqualTo("extism");
        assertThat(Plugins.text(plugin, "count_vowels", "Hello World")).isEqualTo("{\"count\":3,\"total\":3}");
        assertThat(Plugins.text(plugin, "count_vowels", "aeiouAEIOU, nothing else"))
                .isEqualTo("{\"count\":14,\"total\":17}");
    }

    @Test
    void helloWithMoreThanItsMemory_grows() {
        LoadedPlugin plugin = plugins.outputBytes(1 << 20).load(example("hello"), "hello");
        String name = "x".repeat(500_000);
        assertThat(Plugins.text(plugin, "handle", name)).isEqualTo("Hello, " + name + "!");
    }

    @ParameterizedTest
    @CsvSource({"hello", "wordcount"})
    void exampleThatStays_givesBackWhatItTook(String name) {
        LoadedPlugin plugin = plugins.memoryBytes(2 * 65536)
                .instances(InstancePolicy.STATEFUL)
                .load(example(name), name);
        String payload = "x".repeat(10_000);
        for (int i = 0; i < 100; i++) {
            assertThat(Plugins.text(plugin, "handle", payload)).isNotEmpty();
        }
    }

    @Test
    void spinForever_timesOutAndAnswersAgain() {
        LoadedPlugin plugin = plugins.timeout(Duration.ofMillis(300)).load(example("spin"), "spin");
        Failures.assertFails(ErrorCode.TIMEOUT, () -> Plugins.text(plugin, "handle", "forever"))
                .isEqualTo("timed out after 300 ms");
        assertThat(Plugins.text(plugin, "handle", "again")).isEqualTo("again");
    }

    @Test
    void upperWithAnotherFunction_isNotFound() {
        LoadedPlugin plugin = plugins.describing("handle").load(example("upper"), "upper");
        Failures.assertFails(ErrorCode.FUNCTION_NOT_FOUND, () -> Plugins.text(plugin, "lower", "A"))
                .isEqualTo("the plugin has no function 'lower'; it has handle");
    }

    private static Path example(String name) {
        return Plugins.EXAMPLES.resolve(name).resolve(name + ".wasm");
    }
}
