package org.circleosd.pluginmanager.nativeloader.process;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.nativeloader.process.WorkerProcess.Death;
import org.jspecify.annotations.Nullable;

/**
 * What a dying worker printed of its own death. The C worker has a form of its own, a Java machine that of its error
 * report. A plugin can print the same: it is text for people, and nothing more is made of it.
 */
final class CrashLines {

    /** A place in a library, as {@code libfoo.so+0x1139 (crash_now)}. */
    private static final String PLACE_OF_C = "(\\S+?)(?:\\+0x[0-9a-f]+)?(?: \\((.{1,200})\\))?";

    private static final Pattern OF_C = Pattern.compile("worker: signal (\\d{1,3}) .* in " + PLACE_OF_C);
    private static final Pattern FRAME_OF_C = Pattern.compile("worker:\\s+#\\d+ " + PLACE_OF_C);
    private static final Pattern EXIT_OF_C = Pattern.compile("worker: the plugin called exit\\((-?\\d{1,10})\\)");
    private static final Pattern SIGNAL_OF_JVM = Pattern.compile("#\\s+SIG[A-Z]+ \\(0x([0-9a-f]{1,2})\\).*");
    private static final Pattern FRAME_OF_JVM =
            Pattern.compile("(?:# )?C\\s+\\[(\\S+?)\\+0x[0-9a-f]+\\](?:\\s+(\\S{1,200}?)(?:\\+0x[0-9a-f]+)?)?\\s*");

    private static final String HEADER_OF_JVM = "# A fatal error has been detected by the Java Runtime Environment";
    private static final String FRAMES_OF_JVM = "Native frames:";
    /** The report of the C worker, at most 33 lines, and some of what was printed before. */
    static final int LINES_BEFORE = 45;

    private static final int MOST_FRAMES = 33;
    /** Status of a Java machine that was hit by a signal and writes no core. */
    private static final int EXIT_OF_JVM = 1;

    private CrashLines() {}

    /**
     * Says in a few words how a worker died.
     *
     * @param files of its plugins: a crash inside a system's library is told by the plugin that called it
     */
    static String reason(Death death, List<String> lines, Collection<String> files) {
        int signal = signal(death, lines);
        if (signal != 0) {
            List<Place> places = places(lines);
            Optional<Place> place = places.stream()
                    .filter(one -> files.contains(one.library()))
                    .findFirst()
                    .or(() -> places.stream().findFirst());
            return "signal " + signal + place.map(one -> " in " + one.shown()).orElse("");
        }
        boolean said = lines.stream().anyMatch(line -> EXIT_OF_C.matcher(line).matches());
        return (said ? "the plugin called exit, status " : "exit status ") + death.status();
    }

    /** Says whether the report of a Java machine begins with a line. */
    static boolean isHeader(String line) {
        return line.startsWith(HEADER_OF_JVM);
    }

    /** Returns what the daemon's log says of it: the last lines of the plugin, and the native frames. */
    static String report(List<String> lines) {
        int header = 0;
        while (header < lines.size() && !isHeader(lines.get(header))) {
            header++;
        }
        List<String> shown = new ArrayList<>(lines.subList(Math.max(0, header - LINES_BEFORE), header));
        if (header < lines.size()) {
            List<String> report = lines.subList(header, lines.size());
            report.stream()
                    .filter(line -> FRAME_OF_JVM.matcher(line).matches())
                    .limit(1)
                    .forEach(shown::add);
            report.stream()
                    .dropWhile(line -> !line.startsWith(FRAMES_OF_JVM))
                    .takeWhile(line -> !line.isBlank())
                    .limit(MOST_FRAMES)
                    .forEach(shown::add);
        }
        return shown.isEmpty() ? "it printed nothing" : "it printed last:\n  " + String.join("\n  ", shown);
    }

    /** A Java machine dies of SIGABRT, whatever hit it, or exits when its report is done. */
    private static int signal(Death death, List<String> lines) {
        if (death.signal() == 0 && death.status() != EXIT_OF_JVM) {
            return 0;
        }
        for (String line : lines) {
            Matcher jvm = SIGNAL_OF_JVM.matcher(line);
            if (jvm.matches()) {
                return Integer.parseInt(jvm.group(1), 16);
            }
        }
        return death.signal();
    }

    private static List<Place> places(List<String> lines) {
        List<Place> places = new ArrayList<>();
        for (String line : lines) {
            Matcher head = OF_C.matcher(line);
            Matcher frame = FRAME_OF_C.matcher(line);
            Matcher jvm = FRAME_OF_JVM.matcher(line);
            if (head.matches()) {
                places.add(new Place(head.group(2), head.group(3)));
            } else if (frame.matches()) {
                places.add(new Place(frame.group(1), frame.group(2)));
            } else if (jvm.matches()) {
                places.add(new Place(jvm.group(1), jvm.group(2)));
            }
        }
        return places;
    }

    private record Place(String library, @Nullable String function) {

        String shown() {
            return function == null ? library : library + " (" + function + ")";
        }
    }
}
