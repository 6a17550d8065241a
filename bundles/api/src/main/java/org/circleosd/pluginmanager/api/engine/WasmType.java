package org.circleosd.pluginmanager.api.engine;

/**
 * Type of a value that crosses the border of a wasm function. Each value travels as one {@code long}: I32 sign- or
 * zero-extended (readers take the low 32 bits), F32 and F64 as their IEEE 754 bits, references as an opaque number.
 *
 * @see <a href="https://webassembly.github.io/spec/core/syntax/types.html#value-types">value types</a>
 */
public enum WasmType {
    I32,
    I64,
    F32,
    F64,
    /** A vector, a reference or a type that later proposals add: cannot be passed by this host. */
    OTHER
}
