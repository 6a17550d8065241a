package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.api.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * The operator's list of the jars that may run, which {@code plugin-manager --lock} writes and the launcher checks at
 * each start. While there is one, nothing in the bundles folder takes effect that is not in it. Not thread-safe.
 */
final class BundlesLock {

    private static final System.Logger LOG = System.getLogger(BundlesLock.class.getName());

    /** As sha256sum writes and checks them. */
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})  (.+)");

    private static final String BUNDLES = "bundles/";

    private final Path file;
    private Optional<FileStamp> stamp = Optional.empty();
    private @Nullable Listed listed;

    private record Listed(Set<Sha256> contents, Set<String> bundles) {}

    BundlesLock(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /** Says whether a jar may run. */
    boolean allows(Sha256 jar) {
        Listed now = current();
        return now == null || now.contents().contains(jar);
    }

    /** Says whether a file of the bundles folder has to be there. */
    boolean demands(Path jar) {
        Listed now = current();
        return now != null && now.bundles().contains(jar.getFileName().toString());
    }

    private @Nullable Listed current() {
        Optional<FileStamp> now = FileStamp.of(file);
        if (!now.equals(stamp)) {
            listed = read();
            stamp = now;
        }
        return listed;
    }

    private @Nullable Listed read() {
        Set<Sha256> contents = new HashSet<>();
        Set<String> bundles = new HashSet<>();
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                Matcher matcher = LINE.matcher(line);
                if (matcher.matches()) {
                    contents.add(new Sha256(matcher.group(1)));
                    if (matcher.group(2).startsWith(BUNDLES)) {
                        bundles.add(matcher.group(2).substring(BUNDLES.length()));
                    }
                }
            }
            LOG.log(System.Logger.Level.INFO, "{0} says which jars may run: {1}", file, contents.size());
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "{0} cannot be read; no new jar may run: {1}", file, e.toString());
        }
        return new Listed(contents, bundles);
    }
}
