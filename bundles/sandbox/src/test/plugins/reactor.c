/* Bytes ABI with WASI: a reactor, whose constructors run in _initialize. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int initialized;

__attribute__((constructor)) static void initialize(void) {
    initialized++;
}

__attribute__((export_name("plugin_alloc"))) void *plugin_alloc(size_t length) {
    return malloc(length + 1);
}

__attribute__((export_name("plugin_free"))) void plugin_free(void *room) {
    free(room);
}

/* Prints the payload and answers how often it was initialised. */
__attribute__((export_name("handle"))) uint64_t handle(const char *payload, size_t length) {
    char *reply = malloc(16);
    printf("out: %.*s\n", (int)length, payload);
    fprintf(stderr, "err: %.*s", (int)length, payload);
    fflush(stdout);
    int size = snprintf(reply, 16, "%d", initialized);
    return (uint64_t)(uintptr_t)reply << 32 | (uint32_t)size;
}

/* Prints more than any limit of a test allows, without an end of line. */
__attribute__((export_name("chatter"))) uint64_t chatter(const char *payload, size_t length) {
    (void)payload, (void)length;
    for (int i = 0; i < 100000; i++) {
        fputs("chatter ", stderr);
    }
    return 0;
}

/* Leaves by proc_exit in the middle of a call. */
__attribute__((export_name("leave"))) uint64_t leave(const char *payload, size_t length) {
    (void)length;
    exit(payload[0] - '0');
}
