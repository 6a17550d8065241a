package org.circleosd.pluginmanager.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The worker processes of a daemon: its children, but for those that compile wasm code. */
final class Workers {

    private static final Duration BOUND = Duration.ofSeconds(60);

    private Workers() {}

    /** Their process ids; one that has ended and was not waited for counts too. */
    static Set<Long> of(Daemon daemon) throws IOException {
        Set<Long> workers = new TreeSet<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : (Iterable<Path>) processes::iterator) {
                String name = process.getFileName().toString();
                if (name.chars().allMatch(Character::isDigit) && isWorker(process, daemon.pid())) {
                    workers.add(Long.valueOf(name));
                }
            }
        }
        return workers;
    }

    /** Waits until there are as many as there should be. */
    static void await(Daemon daemon, int count) throws IOException {
        try {
            Poll.until(
                    BOUND, "there are " + count + " workers", () -> of(daemon).size() == count);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; there are " + of(daemon), e);
        }
    }

    /** Waits until a process is gone, also from the table of processes. */
    static void awaitEnd(long pid) throws IOException {
        Poll.until(BOUND, "process " + pid + " has ended", () -> !Files.exists(Path.of("/proc/" + pid)));
    }

    private static boolean isWorker(Path process, long daemon) throws IOException {
        try {
            String stat = Files.readString(process.resolve("stat"));
            // The name may have blanks and parentheses in it; behind it come the state and the parent.
            String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(words[1]) == daemon
                    && !Files.readString(process.resolve("cmdline")).contains("CompileProgram");
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            if (Files.exists(process)) {
                throw e;
            }
            return false;
        }
    }
}
