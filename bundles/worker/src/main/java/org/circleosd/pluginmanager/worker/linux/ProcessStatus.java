package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What {@code /proc/PID/status} says of a process or one of its threads. */
record ProcessStatus(Map<String, String> fields) {

    static ProcessStatus ofSelf() throws IOException {
        return read(Path.of("/proc/self"));
    }

    static ProcessStatus of(int pid) throws IOException {
        return read(Path.of("/proc/" + pid));
    }

    /** Reads the status of each thread; those that end meanwhile are passed over. */
    static List<ProcessStatus> ofThreads(int pid) throws IOException {
        List<ProcessStatus> all = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                try {
                    all.add(read(thread));
                } catch (IOException e) {
                    if (Files.exists(thread)) {
                        throw e;
                    }
                }
            }
        }
        return all;
    }

    private static ProcessStatus read(Path folder) throws IOException {
        Map<String, String> fields = new HashMap<>();
        // Not UTF-8: the name of a thread may be any bytes.
        for (String line : Files.readAllLines(folder.resolve("status"), StandardCharsets.ISO_8859_1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).trim());
            }
        }
        return new ProcessStatus(fields);
    }

    /** Returns the first number of a field; 0 if the kernel does not have the field. */
    long number(String field) {
        String value = text(field);
        int end = value.indexOf(' ');
        return value.isEmpty() ? 0 : Long.parseLong(end < 0 ? value : value.substring(0, end));
    }

    /** Returns a size of memory in bytes. */
    long bytes(String field) {
        return number(field) << 10;
    }

    /** Returns a field of 64 bits in hexadecimal digits. */
    long bits(String field) {
        return Long.parseUnsignedLong(fields.getOrDefault(field, "0"), 16);
    }

    /** Returns all numbers of a field, with one space between. */
    String text(String field) {
        return fields.getOrDefault(field, "").replaceAll("\\s+", " ");
    }
}
