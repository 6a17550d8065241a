package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What one client knows of one plugin that nobody else touches: how it is by the last reply, and how it would be if the
 * request that got no reply was done. After a crash it is one of both, and nothing between.
 */
final class KeptPlugin {

    private static final List<String> VERSIONS = List.of("1", "2");

    private final String id;
    private final Path folder;
    private final RandomGenerator random;

    private @Nullable Shape now;
    private boolean isUnanswered;
    private @Nullable Shape next;
    private int puts;

    /**
     * How it is; null stands for "not loaded".
     *
     * @param value what it was told to keep last
     */
    private record Shape(String version, @Nullable String previous, boolean enabled, String value) {

        Seen seen() {
            return new Seen(version, enabled, value);
        }
    }

    /** What of it can be seen; what it would go back to shows when it is asked to. */
    private record Seen(String version, boolean enabled, String value) {}

    /** @param folder has the libraries {@code keeper-VERSION.so} with their manifests */
    KeptPlugin(String id, Path folder, RandomGenerator random) {
        this.id = id;
        this.folder = folder;
        this.random = random;
    }

    /** Does something at random; it must be done. */
    void change(Client client) throws IOException {
        Shape shape = now;
        String request;
        if (shape == null) {
            String version = VERSIONS.get(random.nextInt(VERSIONS.size()));
            next = new Shape(version, null, true, "");
            request = file("load", version).replace("}", ",\"as\":\"" + id + "\"}");
        } else {
            request = changeOf(shape);
        }
        isUnanswered = true;
        JsonNode reply = client.askJson(request);
        assertThat(reply.path("ok").booleanValue())
                .as("%s -> %s", request, reply)
                .isTrue();
        isUnanswered = false;
        now = next;
    }

    private String changeOf(Shape shape) {
        String other = VERSIONS.get(1 - VERSIONS.indexOf(shape.version));
        switch (random.nextInt(shape.enabled ? 12 : 6)) {
            case 0 -> {
                next = null;
                return action("unload");
            }
            case 1 -> {
                next = new Shape(shape.version, shape.previous, !shape.enabled, shape.value);
                return action(shape.enabled ? "disable" : "enable");
            }
            case 2 -> {
                next = shape;
                return action(shape.enabled ? "reload" : "disable");
            }
            case 3, 4, 5 -> {
                if (shape.previous == null || random.nextBoolean()) {
                    next = new Shape(other, shape.version, shape.enabled, shape.value);
                    return file("upgrade", other).replace("}", ",\"id\":\"" + id + "\"}");
                }
                next = new Shape(shape.previous, shape.version, shape.enabled, shape.value);
                return action("rollback");
            }
            default -> {
                String value = id + "-" + ++puts;
                next = new Shape(shape.version, shape.previous, true, value);
                return Client.invoke(id, "keep", value);
            }
        }
    }

    private String action(String action) {
        return "{\"action\":\"" + action + "\",\"id\":\"" + id + "\"}";
    }

    private String file(String action, String version) {
        return "{\"action\":\"" + action + "\",\"path\":\"" + folder.resolve("keeper-" + version + ".so") + "\"}";
    }

    /** Looks at what came back. */
    void check(Client client, JsonNode list) throws IOException {
        Optional<Seen> seen = look(client, list);
        boolean isDone = isUnanswered && seen.equals(Optional.ofNullable(next).map(Shape::seen));
        if (!isDone) {
            assertThat(seen)
                    .as("%s%s", id, isUnanswered ? ", where " + next + " was not answered" : "")
                    .isEqualTo(Optional.ofNullable(now).map(Shape::seen));
        }
        now = isDone ? next : now;
        isUnanswered = false;
    }

    private Optional<Seen> look(Client client, JsonNode list) throws IOException {
        for (JsonNode row : list) {
            if (row.get("id").textValue().equals(id)) {
                boolean enabled = !row.get("state").textValue().equals("disabled");
                String version = row.get("version").textValue();
                if (!enabled) {
                    // It shows its value only when it is called.
                    assertThat(client.ask(action("enable"))).contains("\"ok\":true");
                }
                JsonNode told = client.askJson(Client.invoke(id, "tell", ""));
                assertThat(told.at("/data/resp").asText())
                        .as("%s: %s", id, told)
                        .startsWith(version + ":");
                String value = told.at("/data/resp").textValue().substring(version.length() + 1);
                if (!enabled) {
                    assertThat(client.ask(action("disable"))).contains("\"ok\":true");
                }
                return Optional.of(new Seen(version, enabled, value));
            }
        }
        return Optional.empty();
    }

    /** Makes some for one client. */
    static List<KeptPlugin> some(String client, int count, Path folder, RandomGenerator random) {
        List<KeptPlugin> plugins = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            plugins.add(new KeptPlugin(client + "-" + i, folder, random));
        }
        return plugins;
    }
}
