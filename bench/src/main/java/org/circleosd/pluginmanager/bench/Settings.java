package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Configuration folders of daemons. */
final class Settings {

    private static final String PID = "org.circleosd.pluginmanager.";

    private Settings() {}

    /**
     * Copies the distribution's configuration with other values.
     *
     * @param folder the copy, which is made
     * @param values by the key behind the room's name: {@code socket/max.request.bytes}
     */
    static Path with(Path project, Path folder, Map<String, String> values) throws IOException {
        Files.createDirectories(folder);
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(project.resolve("launcher/target/plugin-manager/config"))) {
            for (Path file : files) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        for (Map.Entry<String, String> value : values.entrySet()) {
            String[] words = value.getKey().split("/", 2);
            set(folder.resolve(PID + words[0] + ".cfg"), words[1], value.getValue());
        }
        return folder;
    }

    private static void set(Path file, String key, String value) throws IOException {
        Matcher line = Pattern.compile("^" + Pattern.quote(key) + " *=.*$", Pattern.MULTILINE)
                .matcher(Files.readString(file));
        if (!line.find()) {
            throw new IOException("there is no key " + key + " in " + file);
        }
        Files.writeString(file, line.replaceFirst(Matcher.quoteReplacement(key + " = " + value)));
    }
}
