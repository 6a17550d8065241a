package org.circleosd.pluginmanager.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The list of the jars that may run: a line for each, as sha256sum writes them. A start with other jars is refused, and
 * the {@code deploy} bundle takes none that is not listed.
 */
final class BundlesLock {

    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})  (\\S.*)");
    private static final String ACCEPT = "put the right jars there, or accept these with plugin-manager --lock";

    private final Path file;
    private final Path home;
    private final Path bundles;

    /**
     * Does not read anything yet.
     *
     * @param options its bundles folder is listed as {@code bundles} wherever it is
     * @param home the distribution, whose folders {@code lib} and {@code system} are listed
     */
    BundlesLock(Options options, Path home) {
        this.file = options.config().resolve("bundles.lock");
        this.home = home;
        this.bundles = options.bundles();
    }

    /** Writes down the jars that are there now; returns what to tell. */
    String write() throws StartException {
        SortedMap<String, String> jars = present();
        StringBuilder lines = new StringBuilder();
        jars.forEach(
                (name, digest) -> lines.append(digest).append("  ").append(name).append('\n'));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(fresh, lines, StandardCharsets.UTF_8);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new StartException(file + " cannot be written: " + e, "give a --config that you may write");
        }
        return "locked " + jars.size() + " jars in " + file;
    }

    /**
     * Compares the jars with the list, if there is one.
     *
     * @throws StartException if they differ
     */
    void check() throws StartException {
        if (!Files.exists(file)) {
            return;
        }
        SortedMap<String, String> listed = read();
        SortedMap<String, String> present = present();
        TreeSet<String> names = new TreeSet<>(listed.keySet());
        names.addAll(present.keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            String wanted = listed.get(name);
            String found = present.get(name);
            if (wanted == null) {
                differences.add("the jar " + path(name) + " is not in " + file);
            } else if (found == null) {
                differences.add("the jar " + path(name) + " is in " + file + " and not there");
            } else if (!found.equals(wanted)) {
                differences.add("the jar " + path(name) + " is not the one of " + file + " (its sha256 is " + found
                        + ", expected " + wanted + ")");
            }
        }
        if (!differences.isEmpty()) {
            String others = differences.size() == 1 ? "" : ", and " + (differences.size() - 1) + " more differ";
            throw new StartException(differences.get(0) + others, ACCEPT);
        }
    }

    private SortedMap<String, String> read() throws StartException {
        SortedMap<String, String> listed = new TreeMap<>();
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                Matcher matcher = LINE.matcher(line);
                if (!matcher.matches()) {
                    throw new StartException(
                            file + " has the line '" + line + "'; expected a sha256, two blanks and a jar",
                            "write it anew with plugin-manager --lock");
                }
                listed.put(matcher.group(2), matcher.group(1));
            }
            return listed;
        } catch (IOException e) {
            throw new StartException(file + " cannot be read: " + e, "make it readable or write it anew with --lock");
        }
    }

    private SortedMap<String, String> present() throws StartException {
        SortedMap<String, String> jars = new TreeMap<>();
        for (Map.Entry<String, Path> folder : folders().entrySet()) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.getValue(), "*.jar")) {
                for (Path jar : files) {
                    jars.put(folder.getKey() + jar.getFileName(), FileDigest.of(jar));
                }
            } catch (IOException | UncheckedIOException e) {
                throw new StartException("the jars in " + folder.getValue() + " cannot be read: " + e, ACCEPT);
            }
        }
        return jars;
    }

    private Map<String, Path> folders() {
        Map<String, Path> folders = new TreeMap<>();
        folders.put("lib/", home.resolve("lib"));
        for (int level = 1; level < Distribution.PRODUCT_LEVEL; level++) {
            folders.put("system/0" + level + "/", home.resolve("system/0" + level));
        }
        folders.put("bundles/", bundles);
        return folders;
    }

    private Path path(String name) {
        return name.startsWith("bundles/") ? bundles.resolve(name.substring("bundles/".length())) : home.resolve(name);
    }
}
