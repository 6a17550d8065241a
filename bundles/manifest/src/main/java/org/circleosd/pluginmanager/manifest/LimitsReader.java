package org.circleosd.pluginmanager.manifest;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import org.circleosd.pluginmanager.api.ManifestLimits;
import org.circleosd.pluginmanager.api.PluginManifest.ErrorBudget;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.Members;

/** Reads what a plugin asks to use, and what it may get wrong. */
final class LimitsReader {

    static final long MAX_MEMORY_BYTES = 1L << 32;
    static final Duration MAX_TIMEOUT = Duration.ofHours(1);
    static final long MAX_KEPT_BYTES = 1L << 30;

    private static final int MAX_CONCURRENCY = 4096;
    private static final int MAX_QUEUE = 1_000_000;

    private static final long MAX_ERRORS = 1_000_000;
    private static final long MAX_WATCHED_CALLS = 1_000_000_000;
    private static final long WATCHED_CALLS = 1_000;
    private static final long MAX_WATCHED_SECONDS = 86_400;
    private static final long WATCHED_SECONDS = 60;

    private static final Set<String> KNOWN = Set.of(
            "memory_bytes",
            "timeout_ms",
            "output_bytes",
            "max_concurrency",
            "queue",
            "http_response_bytes",
            "var_bytes");

    private LimitsReader() {}

    static ManifestLimits read(Checked value) {
        Members members = Members.of(value, "an object with memory_bytes, timeout_ms or another limit");
        members.only(KNOWN);
        return new ManifestLimits(
                limit(members, "memory_bytes", 1, MAX_MEMORY_BYTES),
                limit(members, "timeout_ms", 1, MAX_TIMEOUT.toMillis()).stream()
                        .mapToObj(Duration::ofMillis)
                        .findFirst(),
                limit(members, "output_bytes", 1, MAX_KEPT_BYTES),
                count(limit(members, "max_concurrency", 1, MAX_CONCURRENCY)),
                count(limit(members, "queue", 0, MAX_QUEUE)),
                limit(members, "http_response_bytes", 0, MAX_KEPT_BYTES),
                limit(members, "var_bytes", 0, MAX_KEPT_BYTES));
    }

    /** Reads the limits of an Extism manifest; they have no bounds of their own, so the largest of ours stand. */
    static ManifestLimits readExtism(Members manifest) {
        Optional<Members> memory = manifest.optional("memory")
                .map(value -> Members.of(value, "an object with max_pages, max_http_response_bytes or max_var_bytes"));
        memory.ifPresent(members -> members.only(Set.of("max_pages", "max_http_response_bytes", "max_var_bytes")));
        return new ManifestLimits(
                memory.stream()
                        .flatMapToLong(members -> extism(members, "max_pages", 1, (1L << 32) - 1))
                        .map(pages -> Math.min(pages << 16, MAX_MEMORY_BYTES))
                        .findFirst(),
                extism(manifest, "timeout_ms", 1, Long.MAX_VALUE)
                        .mapToObj(ms -> Duration.ofMillis(Math.min(ms, MAX_TIMEOUT.toMillis())))
                        .findFirst(),
                OptionalLong.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                kept(memory, "max_http_response_bytes"),
                kept(memory, "max_var_bytes"));
    }

    static ErrorBudget errorBudget(Checked value) {
        Members members = Members.of(value, "an object with the errors that may happen");
        members.only(Set.of("errors", "calls", "seconds"));
        long errors = limit(members, "errors", 0, MAX_ERRORS).orElseThrow(() -> value.fault()
                .at(value.pointer() + "/errors", "missing", "a whole number from 0 to " + MAX_ERRORS));
        long calls = limit(members, "calls", 1, MAX_WATCHED_CALLS).orElse(WATCHED_CALLS);
        long seconds = limit(members, "seconds", 1, MAX_WATCHED_SECONDS).orElse(WATCHED_SECONDS);
        return new ErrorBudget(Math.toIntExact(errors), Math.toIntExact(calls), Duration.ofSeconds(seconds));
    }

    private static OptionalLong kept(Optional<Members> memory, String name) {
        return memory.stream()
                .flatMapToLong(members -> extism(members, name, 0, Long.MAX_VALUE))
                .map(bytes -> Math.min(bytes, MAX_KEPT_BYTES))
                .findFirst();
    }

    /** A member of an Extism manifest may be null. */
    private static LongStream extism(Members members, String name, long least, long most) {
        return members.optional(name).filter(value -> !value.isNull()).stream()
                .mapToLong(value -> value.wholeNumber(least, most));
    }

    private static OptionalLong limit(Members members, String name, long least, long most) {
        return members.optional(name).stream()
                .mapToLong(value -> value.wholeNumber(least, most))
                .findFirst();
    }

    private static OptionalInt count(OptionalLong value) {
        return value.stream().mapToInt(Math::toIntExact).findFirst();
    }
}
