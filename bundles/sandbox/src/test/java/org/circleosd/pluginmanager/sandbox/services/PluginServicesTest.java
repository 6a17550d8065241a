package org.circleosd.pluginmanager.sandbox.services;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.circleosd.pluginmanager.sandbox.Failures;
import org.junit.jupiter.api.Test;

/** Calls that the host makes by itself. */
class PluginServicesTest {

    private final Kept kept = new Kept();
    private final PluginServices services =
            PluginServices.of(kept, List.of(new CapabilityGrant("kv", "{}")), InvocationLimits.DEFAULT);

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void rehearsal_findsWhatIsKeptAndWhatItPutItself() {
        kept.put("a", bytes("kept"));
        kept.put("b", bytes("kept"));
        KeyValues values = services.rehearsing(() -> false).values();

        values.put("a", bytes("changed"));
        values.put("b", null);
        values.put("c", bytes("new"));

        assertThat(values.get("a")).isEqualTo(bytes("changed"));
        assertThat(values.get("b")).isNull();
        assertThat(values.get("c")).isEqualTo(bytes("new"));
        assertThat(kept.values).containsOnlyKeys("a", "b");
        assertThat(kept.get("a")).isEqualTo(bytes("kept"));
    }

    @Test
    void rehearsal_putsNoMoreThanItsRoom() {
        KeyValues values = new ScratchValues(kept, 10);
        values.put("a", new byte[9]);
        values.put("a", new byte[4]);
        values.put("b", new byte[4]);

        Failures.assertFails(ErrorCode.TOO_LARGE, () -> values.put("c", new byte[0]));
        values.put("a", null);
        values.put("c", new byte[3]);
    }

    @Test
    void rehearsalThatIsOver_endsWithACallOfAnotherPlugin() {
        AtomicBoolean isOver = new AtomicBoolean();
        ServiceGuest guest = services.rehearsing(isOver::get).newGuest();

        assertThat(guest.call("other", "f", bytes("x"))).isEqualTo(1);
        isOver.set(true);
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> guest.call("other", "f", bytes("x")))
                .contains("a warm-up");
    }

    /** A host that keeps values in memory and whose plugins answer what they are sent. */
    private static final class Kept implements PluginContext, KeyValues {

        final Map<String, byte[]> values = new HashMap<>();

        @Override
        public PluginId id() {
            return new PluginId("test");
        }

        @Override
        public Optional<String> signer() {
            return Optional.empty();
        }

        @Override
        public PluginLog log() {
            return text -> {};
        }

        @Override
        public KeyValues values() {
            return this;
        }

        @Override
        public byte[] call(PluginId plugin, String function, byte[] payload) {
            return payload;
        }

        @Override
        public void report(PluginEvent.Kind kind, String reason) {}

        @Override
        public byte[] get(String key) {
            return values.get(key);
        }

        @Override
        public void put(String key, byte[] value) {
            values.put(key, value);
        }
    }
}
