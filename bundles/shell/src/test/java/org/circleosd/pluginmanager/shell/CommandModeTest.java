package org.circleosd.pluginmanager.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.EngineStatus;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.shell.TestClient.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;

@Timeout(60)
class CommandModeTest {

    @TempDir
    static Path folder;

    private static RunningShell shell;

    @BeforeAll
    static void start() throws Exception {
        shell = new RunningShell(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        shell.stop();
    }

    @BeforeEach
    void plugins() {
        shell.host.plugins.clear();
        shell.host.with("one", "One").with("two", "T\u202ewo");
    }

    @Test
    void list_isATable() throws Exception {
        assertThat(run("plugin:list")).isEqualTo(ok("""
                                ID   NAME       VERSION  TYPE  STATE   ABI    FUNCTIONS
                                one  One        1.0      wasm  active  bytes  echo wait
                                two  T\\u202ewo  1.0      wasm  active  bytes  echo wait
                                """));
    }

    @ParameterizedTest
    @CsvSource({
        "COMPILING, 'active, compiling 3/12', 'chicory 1.7.5, compiling: 3 of 12 functions'",
        "MIXED, 'active, 9 interpreted', 'chicory 1.7.5, 3 of 12 functions compiled, the others interpreted'",
        "FAILED, 'active, not ready', 'chicory 1.7.5, the code could not be made ready; a call says why'",
    })
    void codeThatIsNotCompiled_isShown(EngineStatus.Mode mode, String state, String engine) throws Exception {
        shell.host.plugins.clear();
        shell.host.with("one", "One", new EngineStatus("chicory 1.7.5", mode, 3, 12));

        assertThat(run("plugin:list").output()).contains("wasm  " + state + "  bytes");
        assertThat(run("plugin:info one").output()).contains("\nengine       " + engine + "\n");
    }

    @Test
    void listWithoutPlugins_saysSo() throws Exception {
        shell.host.plugins.clear();

        assertThat(run("plugin:list")).isEqualTo(ok("no plugin is loaded\n"));
    }

    @Test
    void listOnANarrowTerminal_isCutToItButNotInAPipe() throws Exception {
        try (TestClient client = shell.attach().hello("mode=command", "columns=40")) {
            assertThat(client.run("plugin:list").output()).contains("...").doesNotContain("echo wait");
            assertThat(client.run("plugin:list | cat").output()).contains("echo wait");
        }
    }

    @Test
    void pipeWithoutATerminal_addsNoColours() throws Exception {
        assertThat(run("plugin:list | grep one"))
                .isEqualTo(ok("one  One        1.0      wasm  active  bytes  echo wait\n"));
    }

    @Test
    void result_isAnObjectForScripts() throws Exception {
        assertThat(run("each (plugin:list) { echo ($it id) } | cat").output()).contains("one\ntwo\n");
        assertThat(run("((plugin:info one) plugin) sha256").output()).isEqualTo("0".repeat(64) + "\n");
    }

    @Test
    void info_showsEverythingAndTheLog() throws Exception {
        assertThat(run("plugin:info one").output()).isEqualTo("""
                        id           one
                        name         One
                        version      1.0
                        description  says One
                        type         wasm
                        state        active
                        path         /plugins/one.wasm
                        sha256       %s
                        abi          bytes
                        functions    echo wait
                        signer       nobody
                        isolation    wasm
                        engine       chicory 1.7.5, all 12 functions compiled
                        loaded_at    1970-01-01T00:00:00Z
                        log
                          first line
                          \\u001b[2Jsecond line
                        """.formatted("0".repeat(64)));
    }

    @Test
    void infoOfANativePlugin_showsWhatIsMissingAndEveryDetailInOrder() throws Exception {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("needs", "libc.so.6, lib\u001bm.so.6");
        details.put("writable and executable", "none");
        details.put("constructors", "2");
        shell.host.withNative("two", List.of("uid: not root", "netns: not root"), details);

        assertThat(run("plugin:info two").output()).contains("""
                signer                  nobody
                isolation               process seccomp
                unenforced              uid: not root
                unenforced              netns: not root
                needs                   libc.so.6, lib\\u001bm.so.6
                writable and executable none
                constructors            2
                loaded_at               1970-01-01T00:00:00Z
                """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plugin:invoke one echo hello             | hello",
                "plugin:invoke one echo hello wide  world | hello wide world",
                "plugin:invoke one echo 007               | 007",
                "plugin:invoke one echo '{\"a\": [1]}'    | {\"a\": [1]}",
                "plugin:invoke one echo \"\\u001b[31m\"   | \\u001b[31m",
                "plugin:invoke one binary                 | /wA=",
                "invoke one echo x                        | x",
            },
            quoteCharacter = '~')
    void invoke_printsTheResult(String command, String output) throws Exception {
        assertThat(run(command)).isEqualTo(ok(output + "\n"));
    }

    @Test
    void invokeWithFile_takesThePayloadFromWhereTheClientIs() throws Exception {
        Files.writeString(folder.resolve("payload.txt"), "from a file");

        assertThat(run("plugin:invoke one echo --file payload.txt")).isEqualTo(ok("from a file\n"));
        assertThat(run("plugin:invoke one echo --file nothing.txt").error())
                .startsWith("invoke failed: --file " + folder.resolve("nothing.txt") + " cannot be read")
                .endsWith("(bad_request)\n");
    }

    @Test
    void load_takesPathsFromWhereTheClientIs() throws Exception {
        assertThat(run("plugin:load ../x.wasm --as other --manifest m.json").status())
                .isZero();

        assertThat(shell.host.loads)
                .last()
                .isEqualTo(new LoadRequest(
                        folder.resolveSibling("x.wasm"),
                        Optional.of(folder.resolve("m.json")),
                        Optional.of(new PluginId("other"))));
    }

    @Test
    void unload_saysWhatItDid() throws Exception {
        assertThat(run("plugin:unload one")).isEqualTo(ok("unloaded one\n"));
        assertThat(shell.host.plugins).doesNotContainKey(new PluginId("one"));
    }

    @ParameterizedTest
    @CsvSource({
        "plugin:upgrade one x.wasm,         upgrade one",
        "plugin:upgrade one x.wasm --force, upgrade by force one",
        "plugin:rollback one,               rollback one",
        "plugin:reload one,                 reload one",
        "plugin:enable one,                 enable one",
        "plugin:disable one,                disable one",
    })
    void changeOfAPlugin_showsItsRow(String command, String change) throws Exception {
        shell.host.changes.clear();
        assertThat(run(command).output())
                .startsWith("ID   NAME  VERSION")
                .contains("one  One")
                .doesNotContain("two");
        assertThat(shell.host.changes).containsExactly(change);
    }

    @Test
    void unloadByForce_isPassed() throws Exception {
        shell.host.changes.clear();
        assertThat(run("plugin:unload --force one")).isEqualTo(ok("unloaded one\n"));
        assertThat(shell.host.changes).containsExactly("unload by force one");
    }

    @Test
    void events_areATable() throws Exception {
        shell.host.happened.clear();
        assertThat(run("plugin:events")).isEqualTo(ok("nothing happened\n"));
        shell.host.happened.add(new PluginEvent(
                7, Instant.parse("2026-11-22T10:00:00Z"), PluginEvent.Kind.LOADED, new PluginId("one"), null, ""));
        shell.host.happened.add(new PluginEvent(
                8, Instant.parse("2026-11-22T10:00:01Z"), PluginEvent.Kind.ROLLED_BACK, null, "org.x", "no sails"));
        assertThat(run("plugin:events | cat")).isEqualTo(ok("""
                                NUMBER  TIME                  EVENT        OF            REASON
                                7       2026-11-22T10:00:00Z  loaded       one
                                8       2026-11-22T10:00:01Z  rolled_back  bundle org.x  no sails
                                """));
        assertThat(run("plugin:events 7").output()).contains("org.x").doesNotContain("one");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plugin:upgrade one         | upgrade failed: PATH is missing; see: plugin:upgrade --help (bad_request)",
                "plugin:rollback nosuch     | rollback failed: no plugin has the id 'nosuch' (plugin_not_found)",
                "plugin:events yesterday    | events failed: AFTER is 'yesterday'; expected the number of an event; see: plugin:events --help (bad_request)",
                "plugin:unload nosuch       | unload failed: no plugin has the id 'nosuch' (plugin_not_found)",
                "plugin:unload              | unload failed: ID is missing; see: plugin:unload --help (bad_request)",
                "plugin:load                | load failed: PATH is missing; see: plugin:load --help (bad_request)",
                "plugin:load a b            | load failed: there is one argument too many, 'b'; see: plugin:load --help (bad_request)",
                "plugin:load a --what       | load failed: there is no option '--what'; see: plugin:load --help (bad_request)",
                "plugin:invoke one          | invoke failed: FUNCTION is missing; see: plugin:invoke --help (bad_request)",
                "plugin:invoke one no       | invoke failed: the plugin has no function 'no' (function_not_found)",
                "nosuch                     | Command not found: nosuch",
                "felix:refresh              | refresh failed: name the bundles to refresh: felix:refresh BUNDLE...",
                "felix:update nosuch        | update failed: there is no bundle 'nosuch'; felix:lb -s lists them",
            })
    void failure_isOneLineAndAStatus(String command, String line) throws Exception {
        assertThat(run(command)).isEqualTo(new Answer("", line + "\n", 1, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo \"open", "echo (", "| |", "plugin:list | grep nothing"})
    void whatGogoRefuses_isAFailureToo(String command) throws Exception {
        Answer answer = run(command);

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.error().lines().count()).isLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "list",
                "load",
                "unload",
                "invoke",
                "info",
                "upgrade",
                "rollback",
                "reload",
                "enable",
                "disable",
                "events"
            })
    void help_isTheSameBothWays(String command) throws Exception {
        Answer asked = run("help plugin:" + command);

        assertThat(asked.output()).contains("plugin:" + command).doesNotContain("null");
        assertThat(run("plugin:" + command + " --help")).isEqualTo(asked);
    }

    @Test
    void session_keepsItsVariablesBetweenCommands() throws Exception {
        try (TestClient client = shell.commands()) {
            client.run("x = 5");
            assertThat(client.run("echo $x")).isEqualTo(ok("5\n"));
        }
    }

    @Test
    void exit_endsTheSession() throws Exception {
        try (TestClient client = shell.commands()) {
            assertThat(client.run("exit")).isEqualTo(new Answer("", "", 0, false));
        }
    }

    @Test
    void backgroundCommand_isWaitedFor() throws Exception {
        assertThat(run("echo later &").output()).contains("later");
    }

    @Test
    void clientThatGoesAway_interruptsItsCommand() throws Exception {
        try (TestClient client = shell.commands()) {
            client.send(Frame.text(Frame.COMMAND, "plugin:invoke one wait"));
            assertThat(shell.host.waiting.await(30, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(shell.host.interrupted.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void update_takesAPathAndTheShortName() throws Exception {
        Bundle bundle = shell.install("org.circleosd.pluginmanager.example", "1.0");
        bundle.start();
        Files.write(folder.resolve("new.jar"), RunningShell.jar("org.circleosd.pluginmanager.example", "2.0"));

        assertThat(run("felix:update example new.jar")).isEqualTo(ok(""));
        assertThat(bundle.getVersion()).hasToString("2.0.0");
        assertThat(bundle.getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void updateByAFileThatIsNoJar_fails() throws Exception {
        shell.install("stays", "1.0");
        Files.writeString(folder.resolve("no.jar"), "no jar");

        Answer answer = run("felix:update stays no.jar");

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.error()).startsWith("update failed: ");
    }

    private static Answer run(String command) throws Exception {
        try (TestClient client = shell.commands()) {
            return client.run(command);
        }
    }

    private static Answer ok(String output) {
        return new Answer(output, "", 0, true);
    }
}
