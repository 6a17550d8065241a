package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a daemon has that a replaced bundle could leave behind, after a full collection.
 *
 * @param classes loaded classes
 * @param loaders class loaders, by the name of their class
 * @param threads by their names without numbers; those that come and go with the work are left out
 * @param descriptors open files
 * @param children processes that it has started
 */
record Traces(int classes, Map<String, Integer> loaders, Map<String, Integer> threads, long descriptors, int children) {

    /** Compiler threads and the pools whose threads end when they have been idle for a while. */
    private static final String PASSING =
            "C[12] Compiler.*|socket-worker|native-start|native-answer|plugin-state|process reaper|Common-Cleaner|ForkJoinPool.*"
                    + "|Attach Listener";

    /** Looks again until nothing more is collected: what a cleaner holds goes with the collection after its work. */
    static Traces of(long pid) throws IOException {
        Traces last = look(pid);
        while (true) {
            Traces next = look(pid);
            if (next.classes >= last.classes && next.descriptors >= last.descriptors) {
                return last;
            }
            last = next;
        }
    }

    private static Traces look(long pid) throws IOException {
        List<String> histogram = histogram(pid);
        Map<String, Integer> loaders = new TreeMap<>();
        int classes = 0;
        for (String line : histogram) {
            // num: #instances #bytes class name (module)
            String[] words = line.strip().split("\\s+", -1);
            if (words.length < 4 || !words[0].endsWith(":")) {
                continue;
            }
            if (words[3].equals("java.lang.Class")) {
                classes = Integer.parseInt(words[1]);
            } else if (words[3].endsWith("Loader") && !words[3].startsWith("[")) {
                loaders.put(words[3].replaceFirst(".*[.$]", ""), Integer.valueOf(words[1]));
            }
        }
        return new Traces(
                classes,
                loaders,
                threads(pid),
                ProcessFigures.descriptors(pid),
                ProcessFigures.children(pid).size());
    }

    /** Returns in words what there is more than before, and less. */
    String since(Traces before) {
        List<String> parts = new ArrayList<>();
        parts.add("classes " + signed(classes - before.classes));
        parts.add("loaders " + signed(sum(loaders) - sum(before.loaders)) + differences(before.loaders, loaders));
        parts.add("threads " + signed(sum(threads) - sum(before.threads)) + differences(before.threads, threads));
        parts.add("descriptors " + signed((int) (descriptors - before.descriptors)));
        parts.add("workers " + signed(children - before.children));
        return String.join(", ", parts);
    }

    private static List<String> histogram(long pid) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.class_histogram")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = process.inputReader().lines().toList();
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(String.join("\n", lines));
        }
        return lines;
    }

    private static Map<String, Integer> threads(long pid) throws IOException {
        Map<String, Integer> threads = new TreeMap<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks.toList()) {
                String name = Files.readString(task.resolve("comm")).strip().replaceAll("[-#]?\\d+", "");
                if (!name.matches(PASSING)) {
                    threads.merge(name, 1, Integer::sum);
                }
            }
        }
        return threads;
    }

    private static int sum(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static String differences(Map<String, Integer> before, Map<String, Integer> after) {
        Map<String, Integer> differences = new TreeMap<>(after);
        before.forEach((name, count) -> differences.merge(name, -count, Integer::sum));
        differences.values().removeIf(count -> count == 0);
        return differences.isEmpty() ? "" : " " + differences;
    }

    private static String signed(int number) {
        return number > 0 ? "+" + number : String.valueOf(number);
    }
}
