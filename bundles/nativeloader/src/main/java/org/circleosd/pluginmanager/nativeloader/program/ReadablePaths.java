package org.circleosd.pluginmanager.nativeloader.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The files and folders that a worker has to read. */
final class ReadablePaths {

    private static final List<String> LIBRARIES = List.of(
            "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache");

    private ReadablePaths() {}

    /** Returns the places where the system's loader finds libraries, as far as they are there. */
    static List<Path> libraries() throws IOException {
        Set<Path> found = new LinkedHashSet<>();
        for (String place : LIBRARIES) {
            Path path = Path.of(place);
            if (Files.exists(path)) {
                found.add(path.toRealPath());
            }
        }
        return new ArrayList<>(found);
    }

    /** Returns a folder and what its symbolic links lead to: some systems keep the configuration of Java elsewhere. */
    static List<Path> withLinkedPlaces(Path folder) throws IOException {
        Path real = folder.toRealPath();
        Set<Path> found = new LinkedHashSet<>();
        found.add(real);
        try (Stream<Path> tree = Files.walk(real)) {
            for (Path link : tree.filter(Files::isSymbolicLink).toList()) {
                if (Files.exists(link)) {
                    Path target = link.toRealPath();
                    if (!target.startsWith(real)) {
                        found.add(target);
                    }
                }
            }
        }
        return new ArrayList<>(found);
    }
}
