package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What Linux says of a process. */
record ProcessFigures(double cpuSeconds, long residentBytes, int threads) {

    /** {@code USER_HZ}, which is 100 on every Linux that is in use. */
    private static final double TICKS_PER_SECOND = 100;

    static ProcessFigures of(long pid) throws IOException {
        // The name is in parentheses and may hold blanks, so fields are counted behind it.
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        double cpu = (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
        long resident = 0;
        int threads = 0;
        List<String> lines = Files.readAllLines(Path.of("/proc/" + pid + "/status"));
        for (String line : lines) {
            if (line.startsWith("VmRSS:")) {
                resident = Long.parseLong(line.replaceAll("\\D", "")) << 10;
            } else if (line.startsWith("Threads:")) {
                threads = Integer.parseInt(line.replaceAll("\\D", ""));
            }
        }
        return new ProcessFigures(cpu, resident, threads);
    }

    /** Returns the CPU time of a process and of those that it has started and that live. */
    static double treeCpuSeconds(long pid) throws IOException {
        double cpu = of(pid).cpuSeconds();
        for (ProcessHandle child : children(pid)) {
            try {
                cpu += of(child.pid()).cpuSeconds();
            } catch (IOException e) {
                if (child.isAlive()) {
                    throw e;
                }
            }
        }
        return cpu;
    }

    /** Returns the processes that a process has started, and so on, as far as they live. */
    static List<ProcessHandle> children(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .toList();
    }

    /** Returns how many descriptors a process has open. */
    static long descriptors(long pid) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return all.count();
        }
    }

    /** Returns what a process shares with no other, in bytes. */
    static long privateBytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup")).stream()
                        .filter(line -> line.startsWith("Private_"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                << 10;
    }
}
