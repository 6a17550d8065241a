/* Bytes ABI with results that are the address of a NUL-terminated text. */
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

static char room[16384];

EXPORT("malloc") char *allocate(size_t length) {
    return length < sizeof room ? room : 0;
}

EXPORT("echo") char *echo(char *payload, size_t length) {
    payload[length] = 0;
    return payload;
}

EXPORT("nothing") char *nothing(char *payload, size_t length) {
    (void)payload, (void)length;
    return 0;
}

/* A text of which the memory ends before its NUL comes. */
EXPORT("endless") char *endless(char *payload, size_t length) {
    (void)payload, (void)length;
    char *end = (char *)(__builtin_wasm_memory_size(0) * 65536);
    for (char *at = end - 600; at < end; at++) {
        *at = 'x';
    }
    return end - 600;
}

EXPORT("outside") char *outside(char *payload, size_t length) {
    (void)payload, (void)length;
    return (char *)0xfffffff0u;
}
