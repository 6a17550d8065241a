package org.circleosd.pluginmanager.shell;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.apache.felix.gogo.jline.Shell;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.threadio.ThreadIO;
import org.jspecify.annotations.Nullable;

/**
 * Makes gogo's interactive shells.
 *
 * @param processor runs their commands
 * @param threadIo sends what commands print on the standard streams to the session that runs them
 * @param home private folder with their profile; see {@link #unpackProfile}
 * @param history file that they share
 * @param banner what they greet with
 * @param completions what they offer for arguments
 */
record GogoShells(
        CommandProcessor processor,
        ThreadIO threadIo,
        Path home,
        Path history,
        String banner,
        Completions completions) {

    /** What each shell reads first: prompt and completions. */
    private static final String PROFILE = "plugin_manager_profile";

    /**
     * Puts the profile where gogo looks for it first. The second place would be a resource of this bundle, but gogo makes
     * a text of its address, and the framework runs without handlers for such texts.
     */
    static void unpackProfile(Path home) throws IOException {
        Path folder = Files.createDirectories(home.resolve("etc"));
        try (InputStream profile = GogoShells.class.getResourceAsStream("/" + PROFILE)) {
            Files.copy(
                    Objects.requireNonNull(profile, PROFILE),
                    folder.resolve(PROFILE),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Makes the history for its owner alone, since payloads are in it. Does nothing if it is there. */
    void protectHistory() throws IOException {
        if (!Files.exists(history)) {
            Files.createFile(
                    history, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
    }

    /** Makes a shell for one session: stopping one ends its session after the command that runs. */
    Shell newShell() {
        return new Shell(new Surroundings(home), processor, threadIo, PROFILE);
    }

    /**
     * What a shell asks of its surroundings.
     *
     * @param home where it looks for {@code etc/plugin_manager_profile}: never the folder where the daemon was started,
     *     which may be anybody's
     */
    private record Surroundings(Path home) implements Shell.Context {

        @Override
        public @Nullable String getProperty(String name) {
            return name.equals("gosh.home") ? home.toString() : null;
        }

        @Override
        public void exit() {
            // Asked for when a login shell ends that was not told otherwise: leaving a shell never stops the daemon.
        }
    }
}
