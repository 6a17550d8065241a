package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ways in which an operator replaces a part of a running daemon. */
final class Replacements {

    private static final Duration BOUND = Duration.ofSeconds(60);

    private final Daemon daemon;
    private final Path scratch;
    private int count;

    /** @param scratch a folder for jars */
    Replacements(Daemon daemon, Path scratch) {
        this.daemon = daemon;
        this.scratch = scratch;
    }

    /** How a part is replaced. */
    enum Way {
        /** In place, by a command. */
        SHELL,
        /** By a jar with other bytes that is moved over the one in the folder. */
        DROP,
        /** A newer version is started beside the old one, which is uninstalled then. */
        BESIDE
    }

    void replace(String room, Way way) throws IOException {
        count++;
        Path jar = BundleJars.find(daemon.home().bundles(), room);
        switch (way) {
            case SHELL -> demand("felix:update " + BundleJars.OURS + room + " " + jar.toUri());
            case DROP -> drop(room, jar);
            case BESIDE -> beside(room, jar);
        }
    }

    private void drop(String room, Path jar) throws IOException {
        long before = updates(room);
        Path changed = BundleJars.copy(jar, scratch.resolve(room + ".tmp"), "X-Mark", "drop " + count);
        Files.move(changed, jar, StandardCopyOption.ATOMIC_MOVE);
        Poll.until(BOUND, room + " is updated", () -> updates(room) > before);
    }

    private void beside(String room, Path jar) throws IOException {
        Path newer = BundleJars.copy(
                jar, scratch.resolve(room + "-" + count + ".jar"), "Bundle-Version", "0.1.0.r" + (1000 + count));
        String said = shell("felix:lb -s " + BundleJars.OURS + room + "\nfelix:install " + newer.toUri());
        String old = found("(?m)^ *(\\d+)\\|.*\\|" + Pattern.quote(BundleJars.OURS + room) + " \\(", said);
        String id = found("Bundle ID: (\\d+)", said);
        demand("felix:start " + id + "\nfelix:uninstall " + old);
    }

    /** How often a jar of the folder has become this bundle; the log is where an operator sees it. */
    private long updates(String room) throws IOException {
        return daemon.home()
                .logText()
                .lines()
                .filter(line -> line.contains("updated bundle " + BundleJars.OURS + room + " "))
                .count();
    }

    private void demand(String command) throws IOException {
        assertThat(shell(command)).as(command).isBlank();
    }

    /** Runs commands, one in each line. */
    private String shell(String commands) throws IOException {
        Commands.Result result = Commands.run(daemon.home().command("shell"), commands + "\n");
        assertThat(result.status()).as("%s: %s", commands, result.text()).isZero();
        return result.out() + result.err();
    }

    private static String found(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
        return matcher.group(1);
    }
}
