package org.circleosd.pluginmanager.sandbox;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;

/**
 * Bytes in, bytes out, through the guest's memory: the host asks the guest's allocator for room, writes the payload
 * there, calls {@code func(address, length)} and reads the result where the returned value points to: an i64 holds
 * address and length, an i32 is the address of a NUL-terminated text.
 */
final class BytesAbi implements CallingConvention {

    static final String NAME = "bytes";

    private static final List<String> ALLOCATORS = List.of("plugin_alloc", "alloc", "allocate", "malloc");
    private static final List<String> DEALLOCATORS = List.of("plugin_free", "dealloc", "free");
    /** Allocators' relatives whose types look like those of functions to invoke. */
    private static final Set<String> NOT_INVOKED = Set.of("realloc", "calloc", "aligned_alloc", "cabi_realloc");

    private static final List<WasmType> ADDRESS_AND_LENGTH = List.of(WasmType.I32, WasmType.I32);

    private final Map<String, BytesCall.Shape> shapes;
    private final List<String> functions;
    private final String allocator;
    private final Optional<BytesCall.Deallocator> deallocator;
    private final int outputBytes;

    private BytesAbi(ModuleExports exports, String allocator, boolean freeing, int outputBytes) {
        SortedMap<String, WasmFunctionType> callable = exports.callable(BytesAbi::isInvocable);
        callable.keySet().removeAll(ALLOCATORS);
        callable.keySet().removeAll(DEALLOCATORS);
        callable.keySet().removeAll(NOT_INVOKED);
        Map<String, BytesCall.Shape> found = new HashMap<>();
        callable.forEach((name, type) ->
                found.put(name, type.results().get(0) == WasmType.I64 ? BytesCall.Shape.RANGE : BytesCall.Shape.TEXT));
        this.shapes = Map.copyOf(found);
        this.functions = new ArrayList<>(callable.keySet());
        this.allocator = allocator;
        this.deallocator = freeing ? deallocator(exports) : Optional.empty();
        this.outputBytes = outputBytes;
    }

    /**
     * Finds out whether a module follows this convention.
     *
     * @param freeing whether rooms are given back to the guest after a call. They need not be where the guest is
     *     dropped or returns to its first state: that frees everything at once, and spares two calls
     */
    static Optional<BytesAbi> find(ModuleExports exports, boolean freeing, int outputBytes) {
        if (!exports.hasMemory()) {
            return Optional.empty();
        }
        return ALLOCATORS.stream()
                .filter(name -> exports.hasFunction(name, BytesAbi::isAllocator))
                .findFirst()
                .map(allocator -> new BytesAbi(exports, allocator, freeing, outputBytes));
    }

    /** Says what a module of this convention exports. */
    static String expected() {
        return "memory, an allocator (i32) -> i32 named " + String.join(", ", ALLOCATORS)
                + ", and functions (i32, i32) -> i64 or (i32, i32) -> i32";
    }

    @Override
    public String abi() {
        return NAME;
    }

    @Override
    public List<String> functions() {
        return functions;
    }

    @Override
    public GuestCall prepare(Invocation invocation) {
        BytesCall.Shape shape = shapes.get(invocation.function());
        if (shape == null) {
            throw CallingConvention.functionNotFound(invocation.function(), functions);
        }
        return new BytesCall(invocation, shape, allocator, deallocator, outputBytes);
    }

    private static Optional<BytesCall.Deallocator> deallocator(ModuleExports exports) {
        return DEALLOCATORS.stream()
                .filter(name -> exports.hasFunction(name, type -> isDeallocator(type, 1) || isDeallocator(type, 2)))
                .findFirst()
                .map(name ->
                        new BytesCall.Deallocator(name, exports.hasFunction(name, type -> isDeallocator(type, 2))));
    }

    private static boolean isAllocator(WasmFunctionType type) {
        return type.params().equals(List.of(WasmType.I32)) && type.results().equals(List.of(WasmType.I32));
    }

    private static boolean isDeallocator(WasmFunctionType type, int params) {
        return type.params().equals(ADDRESS_AND_LENGTH.subList(0, params));
    }

    private static boolean isInvocable(WasmFunctionType type) {
        return type.params().equals(ADDRESS_AND_LENGTH)
                && (type.results().equals(List.of(WasmType.I64))
                        || type.results().equals(List.of(WasmType.I32)));
    }
}
