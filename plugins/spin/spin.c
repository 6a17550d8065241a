/* Shows what a deadline does: handle("forever") never returns, any other payload comes back. Bytes ABI. */
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

static const char FOREVER[] = "forever";
enum { FOREVER_LENGTH = sizeof FOREVER - 1 };

static uint8_t room[32768];

/* There is one payload at a time, so one room is enough. Returns 0 for a payload that does not fit. */
EXPORT("plugin_alloc") uint8_t *plugin_alloc(size_t length) {
    return length <= sizeof room ? room : 0;
}

static int is_forever(const uint8_t *payload, size_t length) {
    for (size_t i = 0; i < FOREVER_LENGTH && i < length; i++) {
        if (payload[i] != (uint8_t)FOREVER[i]) {
            return 0;
        }
    }
    return length == FOREVER_LENGTH;
}

EXPORT("handle") uint64_t handle(const uint8_t *payload, size_t length) {
    /* C lets a compiler assume that a loop without effect ends; a volatile read is an effect. */
    volatile int forever = is_forever(payload, length);
    while (forever) {
    }
    return (uint64_t)(uintptr_t)payload << 32 | length;
}
