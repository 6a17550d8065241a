package org.circleosd.pluginmanager.sandbox.wasi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** Reads the scopes of grants; their form is that of {@link CapabilityGrant#scope}. */
final class GrantReader {

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    /** More could not be opened by a guest. */
    private static final int MAX_FOLDERS = 32;

    private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,64}");

    private final String kind;
    private final JsonParser json;

    private GrantReader(String kind, JsonParser json) {
        this.kind = kind;
        this.json = json;
    }

    /**
     * Reads a grant of folders.
     *
     * @throws PluginException {@link ErrorCode#CAPABILITY_DENIED}
     */
    static List<GrantedFolder> folders(String scope) {
        return read("fs", scope, GrantReader::folders);
    }

    /**
     * Reads a grant of environment variables.
     *
     * @throws PluginException {@link ErrorCode#CAPABILITY_DENIED}
     */
    static Map<String, String> variables(String scope) {
        return read("env", scope, GrantReader::variables);
    }

    private static <T> T read(String kind, String scope, Reading<T> reading) {
        try (JsonParser json = JSON.createParser(scope)) {
            GrantReader reader = new GrantReader(kind, json);
            json.nextToken();
            T result = reading.read(reader);
            if (json.nextToken() != null) {
                throw reader.bad("nothing after it");
            }
            return result;
        } catch (IOException e) {
            throw new PluginException(
                    ErrorCode.CAPABILITY_DENIED, "the grant of " + kind + " is no JSON text: " + e.getMessage());
        }
    }

    private List<GrantedFolder> folders() throws IOException {
        expect(JsonToken.START_ARRAY, "an array of folders");
        List<GrantedFolder> folders = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            GrantedFolder folder = folder();
            if (folders.stream().anyMatch(other -> other.name().equals(folder.name()))) {
                throw bad("folders of different names; two are named '" + folder.name() + "'");
            }
            folders.add(folder);
        }
        if (folders.size() > MAX_FOLDERS) {
            throw bad("at most " + MAX_FOLDERS + " folders, found " + folders.size());
        }
        return folders;
    }

    private GrantedFolder folder() throws IOException {
        expect(JsonToken.START_OBJECT, "a folder as {\"name\":\"data\",\"access\":\"ro\"}");
        String name = "";
        String access = "";
        Optional<Path> path = Optional.empty();
        OptionalLong quota = OptionalLong.empty();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String member = json.currentName();
            json.nextToken();
            switch (member) {
                case "name" -> name = text("name");
                case "access" -> access = text("access");
                case "path" -> path = Optional.of(path(text("path")));
                case "quota_bytes" -> quota = OptionalLong.of(quota());
                default -> throw bad("name, access, path or quota_bytes, found '" + member + "'");
            }
        }
        if (!NAME.matcher(name).matches()) {
            throw bad("a folder's name that matches " + NAME + ", found '" + name + "'");
        }
        if (!access.equals("ro") && !access.equals("rw")) {
            throw bad("access 'ro' or 'rw' for " + name + ", found '" + access + "'");
        }
        return new GrantedFolder(name, access.equals("ro"), path, quota);
    }

    private Path path(String text) {
        try {
            Path path = Path.of(text);
            if (path.isAbsolute()) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw bad("a path of the host, found '" + text + "': " + e.getReason());
        }
        throw bad("an absolute path, found '" + text + "'");
    }

    private long quota() throws IOException {
        expect(JsonToken.VALUE_NUMBER_INT, "a whole number of quota_bytes");
        long quota = json.getLongValue();
        if (quota < 0) {
            throw bad("quota_bytes that are not negative, found " + quota);
        }
        return quota;
    }

    private Map<String, String> variables() throws IOException {
        expect(JsonToken.START_OBJECT, "an object of names and values");
        Map<String, String> variables = new TreeMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            variables.put(name, text(name));
        }
        return variables;
    }

    private String text(String member) throws IOException {
        expect(JsonToken.VALUE_STRING, "a text for '" + member + "'");
        return json.getText();
    }

    private void expect(JsonToken token, String what) {
        if (json.currentToken() != token) {
            throw bad(what + ", found " + json.currentToken());
        }
    }

    private PluginException bad(String expected) {
        return new PluginException(ErrorCode.CAPABILITY_DENIED, "the grant of " + kind + ": expected " + expected);
    }

    /** Reads the one value of a text. */
    @FunctionalInterface
    private interface Reading<T> {
        T read(GrantReader reader) throws IOException;
    }
}
