/* Bytes ABI: one function for each way to misbehave. */
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

static uint8_t room[16384];

static uint64_t packed(uint32_t address, uint32_t length) {
    return (uint64_t)address << 32 | length;
}

/* Returns 0, as for no room, for more than fits. */
EXPORT("alloc") uint8_t *allocate(size_t length) {
    return length <= sizeof room ? room : 0;
}

EXPORT("echo") uint64_t echo(uint8_t *payload, size_t length) {
    return packed((uint32_t)(uintptr_t)payload, length);
}

EXPORT("loop") uint64_t loop(uint8_t *payload, size_t length) {
    for (volatile uint32_t i = 0;; i++) {
    }
    return packed((uint32_t)(uintptr_t)payload, length);
}

EXPORT("unreachable") uint64_t unreachable(uint8_t *payload, size_t length) {
    (void)payload, (void)length;
    __builtin_trap();
}

EXPORT("divide") uint64_t divide(uint8_t *payload, size_t length) {
    volatile uint32_t zero = 0;
    return packed((uint32_t)(uintptr_t)payload, (uint32_t)length / zero);
}

/* The result of the inner call is used after it returns: no compiler can make a loop of it. */
static uint32_t deeper(volatile uint32_t depth) {
    return depth == UINT32_MAX ? 0 : 1 + deeper(depth + 1);
}

EXPORT("recurse") uint64_t recurse(uint8_t *payload, size_t length) {
    return packed((uint32_t)(uintptr_t)payload, deeper(length));
}

/* Answers with the number of pages that it got, in decimal. */
EXPORT("grow") uint64_t grow(uint8_t *payload, size_t length) {
    (void)payload, (void)length;
    while (__builtin_wasm_memory_grow(0, 1) != (size_t)-1) {
    }
    size_t pages = __builtin_wasm_memory_size(0);
    uint8_t *end = room + sizeof room;
    uint8_t *digit = end;
    for (; pages > 0; pages /= 10) {
        *--digit = (uint8_t)('0' + pages % 10);
    }
    return packed((uint32_t)(uintptr_t)digit, (uint32_t)(end - digit));
}

EXPORT("outside") uint64_t outside(uint8_t *payload, size_t length) {
    (void)payload, (void)length;
    return packed(0xfffffff0u, 8);
}

EXPORT("too_long") uint64_t too_long(uint8_t *payload, size_t length) {
    (void)payload, (void)length;
    return packed(1024, 0xffffffffu);
}

/* Half a mebibyte of its memory. */
EXPORT("large") uint64_t large(uint8_t *payload, size_t length) {
    (void)payload, (void)length;
    __builtin_wasm_memory_grow(0, 8);
    return packed(0, 1u << 19);
}

EXPORT("not_utf8") uint64_t not_utf8(uint8_t *payload, size_t length) {
    (void)payload, (void)length;
    room[0] = 0xff;
    room[1] = 0xfe;
    return packed((uint32_t)(uintptr_t)room, 2);
}
