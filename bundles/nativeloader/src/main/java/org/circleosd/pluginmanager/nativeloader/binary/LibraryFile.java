package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * What a library's file says of itself. It tells an operator what the library means to do; it cannot tell what code does
 * that hides it.
 *
 * @param name of the file, for messages
 * @param kind format and machine, as {@code ELF, x86-64}; empty if the format is not read
 * @param symbols the functions that it exports
 * @param needed the libraries that are loaded with it, in the file's order
 * @param searchPaths where those are looked for first
 * @param constructors how many functions run when it is loaded, before any that the host calls
 * @param writableCode its segments or sections that are writable and executable at once
 * @param executableStack whether the stacks of the process that loads it become executable
 * @param textRelocations whether the loader has to write into its code
 * @param notableImports functions that it calls and that reach beyond computing, sorted
 */
public record LibraryFile(
        String name,
        String kind,
        LibrarySymbols symbols,
        List<String> needed,
        List<String> searchPaths,
        int constructors,
        List<String> writableCode,
        boolean executableStack,
        boolean textRelocations,
        List<String> notableImports) {

    private static final String NONE = "none";

    /** Copies the lists. */
    public LibraryFile {
        needed = List.copyOf(needed);
        searchPaths = List.copyOf(searchPaths);
        writableCode = List.copyOf(writableCode);
        notableImports = List.copyOf(notableImports);
    }

    /** Makes the result for a file whose format is not read: nothing is known of it. */
    static LibraryFile unread(String name) {
        return new LibraryFile(
                name, "", LibrarySymbols.UNKNOWN, List.of(), List.of(), 0, List.of(), false, false, List.of());
    }

    /**
     * Refuses a library that makes data executable: every bug of it is then easier to exploit, and an executable stack is
     * one of the whole process, whose guard pages go with it. A process that holds nothing else may load it.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} with what to do about it
     */
    public void requireNoExecutableData() {
        if (!writableCode.isEmpty()) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID,
                    name + ": writable and executable at once: " + ShownNames.inOrder(writableCode)
                            + "; link it so that code is never writable (with GNU ld: without -N and -z wxneeded)");
        }
        if (executableStack) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID, name + ": asks for an executable stack; link it with -z noexecstack");
        }
    }

    /** Returns what people may want to know, by name; in the order to show it. Empty if the format is not read. */
    public Map<String, String> details() {
        Map<String, String> details = new LinkedHashMap<>();
        if (kind.isEmpty()) {
            return details;
        }
        details.put("format", kind);
        details.put("needs", listed(needed));
        if (!searchPaths.isEmpty()) {
            details.put("runpath", ShownNames.inOrder(searchPaths));
        }
        details.put("constructors", constructors == 0 ? NONE : Integer.toString(constructors));
        details.put("imports of note", listed(notableImports));
        details.put("writable code", listed(writableCode));
        if (executableStack) {
            details.put("executable stack", "yes");
        }
        if (textRelocations) {
            details.put("text relocations", "yes");
        }
        return details;
    }

    private static String listed(List<String> names) {
        return names.isEmpty() ? NONE : ShownNames.inOrder(names);
    }
}
