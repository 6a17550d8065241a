package org.circleosd.pluginmanager.sandbox.module;

/** Extensions of WebAssembly that this host does not run, each with what the author of a plugin can do. */
enum Feature {
    SIMD("SIMD", "compile it with -mno-simd128 (Rust: -C target-feature=-simd128)"),
    THREADS(
            "threads (shared memory or atomic instructions)",
            "compile it without -pthread and -matomics (Rust: without target-feature=+atomics)"),
    MEMORY64("64-bit memories or tables (memory64)", "compile it for wasm32"),
    MULTI_MEMORY("more than one memory (multi-memory)", "compile it with -mno-multimemory"),
    PAGE_SIZES("memories with pages of another size (custom-page-sizes)", "compile it without this proposal"),
    TAIL_CALLS("tail calls", "compile it with -mno-tail-call"),
    EXCEPTIONS("exceptions", "compile it with -fno-exceptions, or with -mno-exception-handling"),
    FUNCTION_REFERENCES("typed function references", "compile it for WebAssembly 2.0"),
    GARBAGE_COLLECTION("garbage-collected types", "choose a language or a compiler option that manages its own memory"),
    STACK_SWITCHING("stack switching", "compile it without this proposal"),
    WIDE_ARITHMETIC("wide arithmetic", "compile it with -mno-wide-arithmetic");

    private final String words;
    private final String hint;

    Feature(String words, String hint) {
        this.words = words;
        this.hint = hint;
    }

    /** Returns the name of the feature as its users know it. */
    String words() {
        return words;
    }

    /** Returns what to do without it, about "it", the plugin. */
    String hint() {
        return hint;
    }
}
