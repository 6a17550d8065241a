package org.circleosd.pluginmanager.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies of what changes a loaded plugin, byte for byte. */
class LifecycleActionsTest {

    private static final String SHOWN = "\"data\":{\"id\":\"example\",\"version\":\"0.1\",\"state\":\"active\"}}";

    private final ProtocolFixture fixture = new ProtocolFixture();
    private final FakeHost host = fixture.host;

    @ParameterizedTest
    @CsvSource({"rollback, rolled back", "reload, reloaded", "enable, enabled", "disable, disabled"})
    void changeOfAPlugin_saysThatItIsDone(String action, String message) {
        assertThat(fixture.reply("{\"action\":\"" + action + "\",\"id\":\"example\"}"))
                .isEqualTo("{\"ok\":true,\"message\":\"" + message + "\"," + SHOWN);
        assertThat(host.changes).containsExactly(action + " example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"upgrade", "rollback", "reload", "enable", "disable"})
    void changeOfAnUnknownPlugin_isNotFound(String action) {
        assertThat(fixture.reply("{\"action\":\"" + action + "\",\"path\":\"x\",\"id\":\"other\"}"))
                .isEqualTo("{\"ok\":false,\"message\":\"" + action
                        + " failed: no plugin has the id 'other'\",\"data\":null,\"code\":\"plugin_not_found\"}");
    }

    @Test
    void upgrade_passesItsFiles() {
        assertThat(fixture.reply("{\"action\":\"upgrade\",\"id\":\"example\",\"path\":\"/x\",\"manifest\":\"m.json\"}"))
                .isEqualTo("{\"ok\":true,\"message\":\"upgraded\"," + SHOWN);
        assertThat(host.loads)
                .containsExactly(new LoadRequest(Path.of("/x"), Optional.of(Path.of("m.json")), Optional.empty()));
        assertThat(host.changes).containsExactly("upgrade example");
    }

    @ParameterizedTest
    @CsvSource({"true, upgrade by force example", "false, upgrade example", "null, upgrade example"})
    void force_isAFlag(String force, String change) {
        fixture.reply("{\"action\":\"upgrade\",\"id\":\"example\",\"path\":\"x\",\"force\":" + force + "}");
        assertThat(host.changes).containsExactly(change);
    }

    @Test
    void unloadByForce_isPassed() {
        assertThat(fixture.reply("{\"action\":\"unload\",\"id\":\"example\",\"force\":true}"))
                .isEqualTo("{\"ok\":true,\"message\":\"unloaded\",\"data\":null}");
        assertThat(host.changes).containsExactly("unload by force example");
    }

    @Test
    void forceThatIsNoFlag_isRefused() {
        assertThat(fixture.reply("{\"action\":\"unload\",\"id\":\"example\",\"force\":\"true\"}"))
                .isEqualTo("{\"ok\":false,\"message\":\"invalid request: member 'force' is a string; expected true, "
                        + "false or null\",\"data\":null,\"code\":\"bad_request\"}");
        assertThat(host.unloads).isEmpty();
    }

    @Test
    void events_areRows() {
        happened();
        assertThat(fixture.reply("{\"action\":\"events\"}"))
                .isEqualTo(
                        "{\"ok\":true,\"message\":null,\"data\":["
                                + "{\"seq\":7,\"time\":\"2026-11-22T10:00:00.000Z\",\"event\":\"upgraded\",\"plugin\":\"example\",\"reason\":\"\"},"
                                + "{\"seq\":8,\"time\":\"2026-11-22T10:00:01.500Z\",\"event\":\"rolled_back\",\"bundle\":\"org.x\",\"reason\":\"no sails\"}]}");
    }

    @ParameterizedTest
    @CsvSource({"0, 2", "7, 1", "8, 0", "9007199254740991, 0", "null, 2"})
    void eventsAfterOne_areThoseThatFollow(String after, int count) {
        happened();
        assertThat(fixture.reply("{\"action\":\"events\",\"after\":" + after + "}")
                        .split("\"seq\"", -1))
                .hasSize(count + 1);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "-1,                   '-1'",
                "1.5,                  '1.5'",
                "1e3,                  '1e3'",
                "9007199254740992,     '9007199254740992'",
                "99999999999999999999, '99999999999999999999'",
                "true,                 a boolean",
            })
    void afterThatIsNoNumberOfAnEvent_isRefused(String after, String shown) {
        assertThat(fixture.reply("{\"action\":\"events\",\"after\":" + after + "}"))
                .isEqualTo("{\"ok\":false,\"message\":\"invalid request: member 'after' is " + shown
                        + "; expected a whole number from 0 to 9007199254740991, or null\",\"data\":null,"
                        + "\"code\":\"bad_request\"}");
    }

    private void happened() {
        host.happened.add(new PluginEvent(
                7, Instant.parse("2026-11-22T10:00:00Z"), PluginEvent.Kind.UPGRADED, FakeHost.EXAMPLE, null, ""));
        host.happened.add(new PluginEvent(
                8, Instant.parse("2026-11-22T10:00:01.500Z"), PluginEvent.Kind.ROLLED_BACK, null, "org.x", "no sails"));
    }
}
