package org.circleosd.pluginmanager.itest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;

/** The files below a folder as they are at a moment: owner, mode, time of change and content. */
record FileTree(Map<Path, String> files) {

    /** What the daemon writes while it works: its log, and the folders of its workers. */
    private static final Set<String> WRITTEN = Set.of("daemon.log", "state/run/native");
    /** What it writes when plugins come and go. */
    private static final Set<String> PLUGINS =
            Set.of("daemon.log", "state/run/native", "state/journal.1", "state/store");

    /** All that must stay while no plugin is loaded or unloaded. */
    static FileTree of(Path root) throws IOException {
        return of(root, WRITTEN);
    }

    /** All that must stay for ever. */
    static FileTree withoutPlugins(Path root) throws IOException {
        return of(root, PLUGINS);
    }

    private static FileTree of(Path root, Set<String> passedOver) throws IOException {
        Map<Path, String> files = new TreeMap<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (isIn(passedOver, root, folder)) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                files.put(folder, properties(folder));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!isIn(passedOver, root, file)) {
                    String content = attributes.isRegularFile() ? ", content " + checksum(file) : "";
                    files.put(file, properties(file) + content);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return new FileTree(files);
    }

    /** Says which files are not as they were. */
    List<String> differences(FileTree before) {
        List<String> differences = new ArrayList<>();
        before.files.forEach((file, was) -> {
            String is = files.getOrDefault(file, "missing");
            if (!is.equals(was)) {
                differences.add(file + " was " + was + ", is " + is);
            }
        });
        files.forEach((file, is) -> {
            if (!before.files.containsKey(file)) {
                differences.add(file + " is new: " + is);
            }
        });
        return differences;
    }

    private static boolean isIn(Set<String> paths, Path root, Path file) {
        return paths.contains(root.relativize(file).toString());
    }

    /** Of a folder not the time and the links: they tell only of what is in it, which is looked at. */
    private static String properties(Path file) throws IOException {
        boolean folder = Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
        String names = folder ? "unix:mode,uid,gid" : "unix:mode,uid,gid,nlink,lastModifiedTime";
        return new TreeMap<>(Files.readAttributes(file, names, LinkOption.NOFOLLOW_LINKS)).toString();
    }

    private static long checksum(Path file) {
        CRC32 sum = new CRC32();
        try {
            sum.update(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sum.getValue();
    }
}
