package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Collects what the parts of a library file say, and bounds it. */
final class Findings {

    private static final int MAX_LIBRARIES = 1024;
    private static final int MAX_CONSTRUCTORS = 1 << 20;

    private final FileBytes bytes;
    private final String kind;
    private final Set<String> exports = new HashSet<>();
    private final List<String> needed = new ArrayList<>();
    private final List<String> searchPaths = new ArrayList<>();
    private final List<String> writableCode = new ArrayList<>();
    private final Set<String> notableImports = new TreeSet<>();
    private long constructors;
    private boolean executableStack;
    private boolean textRelocations;

    Findings(FileBytes bytes, String kind) {
        this.bytes = bytes;
        this.kind = kind;
    }

    void exportsFunction(String function) {
        exports.add(function);
        bytes.requireAtMost(FileBytes.MAX_SYMBOLS, exports.size(), "exported functions");
    }

    /** Keeps the name if it is one of note. */
    void imports(String function) {
        if (NotableImports.contains(function)) {
            notableImports.add(function);
        }
    }

    void needs(String library) {
        needed.add(library);
        bytes.requireAtMost(MAX_LIBRARIES, needed.size(), "needed libraries");
    }

    void searchesIn(String paths) {
        searchPaths.add(paths);
        bytes.requireAtMost(MAX_LIBRARIES, searchPaths.size(), "search paths");
    }

    void runsAtLoad(long functions) {
        bytes.requireAtMost(MAX_CONSTRUCTORS, functions, "constructors");
        constructors += functions;
        bytes.requireAtMost(MAX_CONSTRUCTORS, constructors, "constructors");
    }

    void hasWritableCode(String part) {
        writableCode.add(part);
    }

    void hasExecutableStack() {
        executableStack = true;
    }

    void hasTextRelocations() {
        textRelocations = true;
    }

    LibraryFile result() {
        return new LibraryFile(
                bytes.name(),
                kind,
                LibrarySymbols.of(exports),
                needed,
                searchPaths,
                Math.toIntExact(constructors),
                writableCode,
                executableStack,
                textRelocations,
                List.copyOf(notableImports));
    }
}
