package org.circleosd.pluginmanager.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** What the kernel keeps for a process and what others may be able to change: priorities, processors, limits. */
final class Settings {

    private Settings() {}

    static String of(long pid) throws IOException {
        Path process = Path.of("/proc/" + pid);
        String stat = Files.readString(process.resolve("stat"));
        // From the state on; proc(5) counts from 1 and has the state as the third.
        List<String> words = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
        String processors = Files.readAllLines(process.resolve("status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .collect(Collectors.joining());
        return "priority " + words.get(18 - 3) + ", nice " + words.get(19 - 3) + ", policy " + words.get(41 - 3) + ", "
                + processors + "\n" + Files.readString(process.resolve("limits"));
    }
}
