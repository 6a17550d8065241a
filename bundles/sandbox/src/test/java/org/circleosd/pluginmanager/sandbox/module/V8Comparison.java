package org.circleosd.pluginmanager.sandbox.module;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Compares the module check with V8 on modules and mutants of them. Run by {@code bench/validity}; what it records is
 * what {@link V8AgreementTest} compares with where there is no V8.
 */
final class V8Comparison implements AutoCloseable {

    private final Process node;
    private final DataOutputStream modules;
    private final InputStream verdicts;
    private final Map<Verdict, int[]> counts = new EnumMap<>(Verdict.class);
    private int differences;

    private V8Comparison(List<String> command) throws IOException {
        node = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        modules = new DataOutputStream(new BufferedOutputStream(node.getOutputStream()));
        verdicts = node.getInputStream();
    }

    /**
     * Compares, and prints the differences.
     *
     * @param arguments number of mutants of each module; folder of the modules; folder to record in, or "-"; the command
     *     of the validator
     */
    public static void main(String[] arguments) throws IOException {
        int mutants = Integer.parseInt(arguments[0]);
        List<Path> files;
        try (var found = Files.list(Path.of(arguments[1]))) {
            files = found.filter(file -> file.toString().endsWith(".wasm"))
                    .sorted()
                    .toList();
        }
        List<String> recorded = new ArrayList<>();
        try (V8Comparison comparison = new V8Comparison(List.of(arguments).subList(3, arguments.length))) {
            for (Path file : files) {
                recorded.add(comparison.compare(file, mutants));
            }
            comparison.printSummary(files.size(), mutants);
            if (!arguments[2].equals("-")) {
                record(files, recorded, Path.of(arguments[2]));
            }
            if (comparison.differences > 0) {
                System.exit(1);
            }
        }
    }

    /** Returns the file's line in the record: its name, V8's verdict, V8's verdicts on the mutants as bits. */
    private String compare(Path file, int mutants) throws IOException {
        byte[] module = Files.readAllBytes(file);
        String name = file.getFileName().toString();
        boolean accepted = compare(module, name);
        byte[] bits = new byte[(mutants + 7) / 8];
        for (int i = 0; i < mutants; i++) {
            byte[] mutant = Mutants.mutant(module, i);
            if (compare(mutant, name + " mutant " + i)) {
                bits[i / 8] |= (byte) (1 << i % 8);
            }
        }
        return name + " " + (accepted ? 1 : 0) + " " + HexFormat.of().formatHex(bits);
    }

    private boolean compare(byte[] module, String name) throws IOException {
        modules.writeInt(module.length);
        modules.write(module);
        modules.flush();
        int answer = verdicts.read();
        if (answer != '0' && answer != '1') {
            throw new IOException("the validator ended at " + name);
        }
        boolean accepted = answer == '1';
        Verdict ours = Verdict.of(module);
        counts.computeIfAbsent(ours, verdict -> new int[2])[accepted ? 1 : 0]++;
        if (!ours.agreesWith(accepted)) {
            differences++;
            System.out.println(name + ": V8 says " + (accepted ? "valid" : "invalid") + ", we say " + reason(module));
        }
        return accepted;
    }

    private static String reason(byte[] module) {
        try {
            return ModuleCheck.check(module).toString();
        } catch (RuntimeException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void printSummary(int files, int mutants) {
        System.out.println(files + " modules, " + files * mutants + " mutants, " + differences + " differences");
        counts.forEach(
                (verdict, count) -> System.out.println(verdict + ": V8 accepts " + count[1] + ", refuses " + count[0]));
    }

    private static void record(List<Path> files, List<String> lines, Path folder) throws IOException {
        Files.createDirectories(folder);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("modules.zip")))) {
            for (Path file : files) {
                ZipEntry entry = new ZipEntry(file.getFileName().toString());
                entry.setTime(0);
                zip.putNextEntry(entry);
                Files.copy(file, zip);
            }
        }
        try (PrintWriter out = new PrintWriter(folder.resolve("verdicts.txt").toFile(), StandardCharsets.UTF_8)) {
            lines.forEach(out::println);
        }
    }

    @Override
    public void close() throws IOException {
        modules.close();
        node.destroy();
    }
}
