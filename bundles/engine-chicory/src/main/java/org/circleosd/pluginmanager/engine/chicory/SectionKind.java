package org.circleosd.pluginmanager.engine.chicory;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The sections of a module in their prescribed order, each with the largest number of entries that we take. The engine
 * allocates by these numbers before it reads the entries.
 *
 * @see <a href="https://webassembly.github.io/spec/core/binary/modules.html#sections">sections</a>
 */
enum SectionKind {
    TYPE(1, 100_000),
    IMPORT(2, 10_000),
    FUNCTION(3, 100_000),
    TABLE(4, 16),
    MEMORY(5, 1),
    TAG(13, 10_000),
    GLOBAL(6, 100_000),
    EXPORT(7, 10_000),
    START(8, 0),
    ELEMENT(9, 10_000),
    DATA_COUNT(12, 0),
    CODE(10, 100_000),
    DATA(11, 10_000);

    /** Id of the sections without meaning to an engine: names, debug information. */
    static final int CUSTOM = 0;

    final int id;

    /** Most entries; 0 if the section is not a list. */
    final int limit;

    SectionKind(int id, int limit) {
        this.id = id;
        this.limit = limit;
    }

    static Optional<SectionKind> of(int id) {
        return Arrays.stream(values()).filter(kind -> kind.id == id).findFirst();
    }

    boolean isList() {
        return limit > 0;
    }

    /** Returns the name with its article, for messages. */
    String words() {
        return "the " + name().toLowerCase(Locale.ROOT).replace('_', ' ') + " section";
    }
}
