package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What replaced bundles could leave behind in a daemon: class loaders, threads, descriptors, workers. */
final class Leftovers {

    private static final Duration BOUND = Duration.ofSeconds(90);
    /** The JVM opens jars and starts compiler threads when it likes; a leak is a multiple of it. */
    private static final int SLACK = 12;

    private static final Pattern LOADERS =
            Pattern.compile("(?m)^ *\\d+: +(\\d+) +\\d+ +org\\.apache\\.felix\\.framework\\.\\S*BundleClassLoader\\b");
    private static final Pattern CODE =
            Pattern.compile("(?m)^ *\\d+: +(\\d+) +\\d+ +org\\.circleosd\\.\\S*CodeLoader\\b");

    private final Daemon daemon;
    private final int loaders;
    private final int code;
    private final long threads;
    private final long descriptors;
    private final int workers;

    private Leftovers(Daemon daemon) throws IOException {
        this.daemon = daemon;
        String histogram = histogram(daemon);
        loaders = count(LOADERS, histogram);
        code = count(CODE, histogram);
        threads = daemon.count("task");
        descriptors = daemon.count("fd");
        workers = Workers.of(daemon).size();
    }

    /** Takes what there is now for how it has to be again. */
    static Leftovers of(Daemon daemon) throws IOException {
        return new Leftovers(daemon);
    }

    /** Waits until there is not more of anything. */
    void assertNone() throws IOException {
        assertThat(loaders).isPositive();
        assertThat(code).isPositive();
        // Each look collects all garbage; what a cleaner holds goes with the next one.
        Poll.until(BOUND, "no loader of a replaced bundle is left: " + loaders, () -> {
            String histogram = histogram(daemon);
            return count(LOADERS, histogram) <= loaders && count(CODE, histogram) <= code;
        });
        Poll.until(BOUND, "workers have ended", () -> workers().size() <= workers);
        Poll.until(BOUND, "files are closed", () -> daemon.count("fd") <= descriptors + SLACK);
        Poll.until(BOUND, "threads have ended", () -> daemon.count("task") <= threads + SLACK);
    }

    private Set<Long> workers() throws IOException {
        return Workers.of(daemon);
    }

    private static String histogram(Daemon daemon) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Commands.Result result =
                Commands.run(new ProcessBuilder(jcmd.toString(), String.valueOf(daemon.pid()), "GC.class_histogram"));
        assertThat(result.status()).as(result.err()).isZero();
        return result.out();
    }

    private static int count(Pattern line, String histogram) {
        Matcher matcher = line.matcher(histogram);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
