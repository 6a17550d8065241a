package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** A client that works with builds of the hostile plugin. */
record NativePlugins(Daemon daemon, Client client) implements AutoCloseable {

    static NativePlugins of(Daemon daemon) throws IOException {
        return new NativePlugins(daemon, daemon.connect());
    }

    void load(Path file, Path manifest, String as) throws IOException {
        assertThat(client.ask(Client.load(file, manifest, as))).contains("\"message\":\"loaded\"");
    }

    void unload(String id) throws IOException {
        assertThat(client.ask(Client.unload(id))).contains("\"message\":\"unloaded\"");
    }

    /** Calls, and again while the plugin's process is being started. */
    JsonNode invoke(String id, String function, String payload) throws IOException {
        AtomicReference<JsonNode> reply = new AtomicReference<>();
        Poll.until(Duration.ofSeconds(60), "plugin " + id + " has a process", () -> {
            reply.set(client.askJson(Client.invoke(id, function, payload)));
            return !reply.get().path("code").asText("").equals("unavailable");
        });
        return reply.get();
    }

    /** Returns what a function answers; it must. */
    String answer(String id, String function, String payload) throws IOException {
        JsonNode reply = invoke(id, function, payload);
        assertThat(reply.path("ok").booleanValue())
                .as("%s: %s", function, reply)
                .isTrue();
        return reply.at("/data/resp").textValue();
    }

    /** Returns the process that answers for a plugin. */
    long pid(String id) throws IOException {
        return Long.parseLong(answer(id, "pid", ""));
    }

    /** Returns the ids of what is loaded. */
    List<String> ids() throws IOException {
        return client.askJson(Daemon.LIST).get("data").findValuesAsText("id");
    }

    /** Returns what {@code list} says of a plugin. */
    JsonNode listed(String id) throws IOException {
        for (JsonNode plugin : client.askJson(Daemon.LIST).get("data")) {
            if (plugin.get("id").textValue().equals(id)) {
                return plugin;
            }
        }
        throw new AssertionError("'" + id + "' is not listed");
    }

    /** Checks the code of a failure and returns its message. */
    static String assertCode(String code, JsonNode reply) {
        assertThat(reply.path("code").textValue()).as(reply.toString()).isEqualTo(code);
        return reply.get("message").textValue();
    }

    @Override
    public void close() throws IOException {
        client.close();
        assertThat(daemon.terminate()).isZero();
    }
}
