package org.circleosd.pluginmanager.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The process's own standard output and error. They are opened anew, because the descriptors 1 and 2 may be turned
 * elsewhere for a moment while the init function of a native plugin prints.
 *
 * @param out carries nothing but the daemon's own words to whoever started it
 * @param err carries the log
 */
record Streams(PrintStream out, PrintStream err) {

    /** Takes the two streams and sends what any library prints on standard output to the error stream. */
    static Streams take() {
        Streams streams = new Streams(reopen(1, System.out), reopen(2, System.err));
        System.setErr(streams.err);
        System.setOut(streams.err);
        return streams;
    }

    private static PrintStream reopen(int descriptor, PrintStream inherited) {
        Path file = Path.of("/proc/self/fd/" + descriptor);
        if (Files.isRegularFile(file)) {
            // Opened anew it would have a position of its own, and what others write to it would overwrite our lines.
            return inherited;
        }
        try {
            return new PrintStream(
                    Files.newOutputStream(file, StandardOpenOption.APPEND), true, StandardCharsets.UTF_8);
        } catch (IOException e) {
            // A socket cannot be opened by name, nor can a terminal of another user: the inherited stream has to do.
            return inherited;
        }
    }
}
