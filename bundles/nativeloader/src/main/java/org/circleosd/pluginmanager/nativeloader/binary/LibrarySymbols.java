package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.Optional;
import java.util.Set;

/**
 * The functions that a library exports itself.
 *
 * @param functions their names; empty if this machine's file format is not read, then the loader's look-up decides
 */
public record LibrarySymbols(Optional<Set<String>> functions) {

    /** For files whose format is not read. */
    public static final LibrarySymbols UNKNOWN = new LibrarySymbols(Optional.empty());

    /** Copies the set. */
    public LibrarySymbols {
        functions = functions.map(Set::copyOf);
    }

    /** Makes the symbols of a file that was read. */
    public static LibrarySymbols of(Set<String> functions) {
        return new LibrarySymbols(Optional.of(functions));
    }

    /** Says whether the function may be looked up. The loader's own look-up would also search the dependencies. */
    public boolean mayExport(String function) {
        return functions.map(names -> names.contains(function)).orElse(true);
    }

    /** Lists the functions for a message, bounded. */
    public String shown() {
        return functions
                .map(names -> names.isEmpty() ? "no functions" : ShownNames.sorted(names))
                .orElse("functions unknown");
    }
}
