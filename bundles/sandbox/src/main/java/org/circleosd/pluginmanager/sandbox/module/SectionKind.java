package org.circleosd.pluginmanager.sandbox.module;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The sections of a module in their prescribed order, each with the largest number of entries that is taken.
 *
 * @see <a href="https://webassembly.github.io/spec/core/binary/modules.html#sections">sections</a>
 */
enum SectionKind {
    TYPE(1, 10_000),
    IMPORT(2, 10_000),
    FUNCTION(3, 50_000),
    TABLE(4, 16),
    /** A second one is refused by the name of its feature. */
    MEMORY(5, 16),
    GLOBAL(6, 10_000),
    EXPORT(7, 10_000),
    START(8, 0),
    ELEMENT(9, 10_000),
    DATA_COUNT(12, 0),
    CODE(10, 50_000),
    /** As many as Go's linker makes. */
    DATA(11, 100_000);

    /** Id of the sections without meaning to an engine: names, debug information. */
    static final int CUSTOM = 0;
    /** Id of the section of exceptions. */
    static final int TAG = 13;

    private static final @Nullable SectionKind[] BY_ID = new SectionKind[TAG];

    static {
        for (SectionKind kind : values()) {
            BY_ID[kind.id] = kind;
        }
    }

    private final int id;
    private final int limit;

    SectionKind(int id, int limit) {
        this.id = id;
        this.limit = limit;
    }

    static @Nullable SectionKind of(int id) {
        return id < BY_ID.length ? BY_ID[id] : null;
    }

    /** Returns the most entries; 0 if the section is not a list. */
    int limit() {
        return limit;
    }

    /** Returns the name with its article, for messages. */
    String words() {
        return "the " + name().toLowerCase(Locale.ROOT).replace('_', ' ') + " section";
    }
}
