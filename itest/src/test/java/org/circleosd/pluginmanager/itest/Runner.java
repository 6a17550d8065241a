package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The user that a process of a test runs as. Root can be an ordinary user too; an ordinary user only itself. */
enum Runner {
    ROOT,
    ORDINARY;

    /** A user that owns nothing. */
    private static final String NOBODY = "65534";

    private static final boolean AM_ROOT = isRoot();

    /** Those that can be tested here. */
    static Stream<Runner> possible() {
        return AM_ROOT ? Stream.of(ROOT, ORDINARY) : Stream.of(ORDINARY);
    }

    /** Makes a command run as this user. */
    ProcessBuilder command(ProcessBuilder builder) {
        if (changesUser()) {
            List<String> words = new ArrayList<>(List.of(
                    Commands.require("setpriv"), "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--"));
            words.addAll(builder.command());
            builder.command(words);
        }
        return builder;
    }

    /** Gives a folder with all that is in it to this user. */
    void own(Path folder) throws IOException {
        if (changesUser()) {
            Commands.Result result =
                    Commands.run(new ProcessBuilder("chown", "-R", "-h", NOBODY + ":" + NOBODY, folder.toString()));
            assertThat(result.status()).as(result.text()).isZero();
        }
    }

    /** Returns a distribution that this user can read: the project may lie where only its owner can. */
    Path distribution(Path folder) throws IOException {
        if (!changesUser()) {
            return Daemon.DISTRIBUTION;
        }
        Path copy = folder.resolve("distribution");
        Home.copyFolder(Daemon.DISTRIBUTION, copy);
        return copy;
    }

    /** Lets every user enter a folder, as a temporary one of a test. */
    static void open(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private boolean changesUser() {
        return this == ORDINARY && AM_ROOT;
    }

    private static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
