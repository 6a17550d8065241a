package org.circleosd.pluginmanager.itest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The native plugin of {@code itest/src/test/plugins/hostile}, compiled for one test class. */
final class HostilePlugin {

    private static final Path SOURCES = Daemon.PROJECT.resolve("itest/src/test/plugins/hostile");
    private static final List<String> PARTS =
            List.of("files", "network", "processes", "kernel", "memory", "protocol", "crashes");

    private final Path folder;
    private final List<String> objects = new ArrayList<>();

    private HostilePlugin(Path folder) {
        this.folder = folder;
    }

    /** Compiles what all variants share. */
    static HostilePlugin in(Path folder) throws IOException {
        HostilePlugin plugin = new HostilePlugin(Files.createDirectories(folder));
        for (String part : PARTS) {
            Path object = folder.resolve(part + ".o");
            Commands.cc(SOURCES.resolve(part + ".c"), object, "-D_GNU_SOURCE", "-fPIC", "-c");
            plugin.objects.add(object.toString());
        }
        return plugin;
    }

    /** The library whose functions are the attacks. */
    Path library() {
        return build("hostile");
    }

    /** A library that dies, or hangs, in a way of {@code crashes.c} before or after its calls. */
    Path deadly(Place place, String kind) {
        return build(place.name().toLowerCase(Locale.ROOT) + "-" + kind, "-DIN_" + place + "=\"" + kind + "\"");
    }

    /** Builds a library with more options for the compiler or linker. */
    Path build(String name, String... options) {
        Path library = folder.resolve(name + ".so");
        List<String> all = new ArrayList<>(List.of("-D_GNU_SOURCE", "-fPIC", "-shared"));
        all.addAll(objects);
        all.addAll(Arrays.asList(options));
        try {
            Commands.cc(SOURCES.resolve("hostile.c"), library, all.toArray(String[]::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return library;
    }

    /** The program that runs one function of a library in its own process. */
    Path strike() throws IOException {
        Path program = folder.resolve("strike");
        Commands.cc(SOURCES.resolve("strike.c"), program, "-ldl");
        return program;
    }

    /** Where a library runs code of its own. */
    enum Place {
        CONSTRUCTOR,
        INIT,
        SHUTDOWN
    }
}
