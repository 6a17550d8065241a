package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes folders and links. Java makes them by path only, and a path through folders of a guest may lead anywhere by the
 * time it is used. So they are made in the root of the tree, whose path is the operator's, under a name that nobody can
 * guess and no guest may use, and are then renamed into the open folder where they belong.
 */
final class Staging {

    private static final String PREFIX = ".circleosd-new-";
    private static final Pattern NAME = Pattern.compile(Pattern.quote(PREFIX) + "[0-9a-f]{32}");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int RANDOM_BYTES = 16;

    private Staging() {}

    static boolean isReserved(String name) {
        return name.startsWith(PREFIX);
    }

    /**
     * Makes an entry.
     *
     * @param making makes it at a path in the root
     * @param key of the entry that must have been made; null if it is a new one
     */
    static void make(HostTree tree, Making making, @Nullable Object key, HostFolder to, String newName)
            throws IOException {
        Path staged = name(tree);
        try (HostFolder root = tree.openRoot()) {
            making.at(staged);
            check(root, staged, key);
            root.stream().move(staged.getFileName(), to.stream(), HostFolder.entry(newName));
        } finally {
            // Still there if something failed, and if the new name was another name of the same file already.
            Files.deleteIfExists(staged);
        }
    }

    /** Makes an entry for as long as something is done with it. */
    static void with(HostTree tree, Making making, @Nullable Object key, Making use) throws IOException {
        Path staged = name(tree);
        try (HostFolder root = tree.openRoot()) {
            making.at(staged);
            check(root, staged, key);
            use.at(staged);
        } finally {
            Files.deleteIfExists(staged);
        }
    }

    /** Removes what a daemon left behind that died in between. */
    static void clean(Path root) throws IOException {
        List<Path> left;
        try (var entries = Files.list(root)) {
            left = entries.filter(
                            path -> NAME.matcher(path.getFileName().toString()).matches())
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path path : left) {
            Files.deleteIfExists(path);
        }
    }

    private static Path name(HostTree tree) {
        byte[] random = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(random);
        return tree.root().resolve(PREFIX + HexFormat.of().formatHex(random));
    }

    private static void check(HostFolder root, Path staged, @Nullable Object key) throws IOException {
        Object made = root.attributes(staged.getFileName()).fileKey();
        if (key != null && !key.equals(made)) {
            // A folder on the way was replaced: what was linked is not what was meant.
            throw new NoSuchFileException(staged.toString());
        }
    }

    /** Does something at a path in the root of a tree. */
    @FunctionalInterface
    interface Making {
        void at(Path staged) throws IOException;
    }
}
