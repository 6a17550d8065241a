/* Greets. Bytes ABI: the host asks plugin_alloc for room, writes the payload there, calls handle, reads the result and
 * gives both back with plugin_free. */
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

static const char GREETING[] = "Hello, ";
enum { GREETING_LENGTH = sizeof GREETING - 1 };

/* Where the linker says that free memory begins; rooms are cut from it one after the other. */
extern uint8_t __heap_base;
static size_t used;
static size_t rooms;

/* Returns room for that many bytes, 0 if there is none. */
EXPORT("plugin_alloc") uint8_t *plugin_alloc(size_t length) {
    size_t memory = __builtin_wasm_memory_size(0) * 65536;
    size_t room = memory - (size_t)&__heap_base - used;
    if (length > room) {
        size_t pages = (length - room + 65535) / 65536;
        if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) {
            return 0;
        }
    }
    uint8_t *start = &__heap_base + used;
    used += length;
    rooms++;
    return start;
}

/* Takes a room back; after the last one all memory is free again. */
EXPORT("plugin_free") void plugin_free(uint8_t *room, size_t length) {
    (void)room, (void)length;
    if (--rooms == 0) {
        used = 0;
    }
}

/* "world" -> "Hello, world!". The result is its address in the high half and its length in the low half. */
EXPORT("handle") uint64_t handle(const uint8_t *payload, size_t length) {
    uint8_t *reply = plugin_alloc(GREETING_LENGTH + length + 1);
    if (reply == 0) {
        __builtin_trap();
    }
    size_t at = 0;
    for (size_t i = 0; i < GREETING_LENGTH; i++) {
        reply[at++] = (uint8_t)GREETING[i];
    }
    for (size_t i = 0; i < length; i++) {
        reply[at++] = payload[i];
    }
    reply[at++] = '!';
    return (uint64_t)(uintptr_t)reply << 32 | at;
}
