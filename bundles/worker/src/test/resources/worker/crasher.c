/* A plugin that ends its process, in each way. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin.h"

static volatile int zero;

__attribute__((noinline)) void crash_now(void) {
    *(volatile int *)0x10 = 1;
    zero++;
}

__attribute__((noinline)) static int deeper(int depth) {
    volatile char room[1024];
    room[0] = (char)depth;
    return deeper(depth + 1) + room[0];
}

static void *crash_on_thread(void *unused) {
    crash_now();
    return unused;
}

#ifdef IN_CONSTRUCTOR
__attribute__((constructor)) static void constructor(void) {
    crash_now();
}
#endif

int32_t plugin_invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    (void)in;
    (void)in_len;
    (void)out;
    (void)out_len;
    if (strcmp(func, "segv") == 0) {
        crash_now();
    } else if (strcmp(func, "null-call") == 0) {
        void (*volatile nowhere)(void) = NULL;
        nowhere();
    } else if (strcmp(func, "divide") == 0) {
        return 7 / zero;
    } else if (strcmp(func, "trap") == 0) {
        __builtin_trap();
    } else if (strcmp(func, "abort") == 0) {
        abort();
    } else if (strcmp(func, "overflow") == 0) {
        return deeper(0);
    } else if (strcmp(func, "double-free") == 0) {
        char *volatile twice = malloc(100);
        free(twice);
        free(twice);
    } else if (strcmp(func, "thread") == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, crash_on_thread, NULL);
        pthread_join(thread, NULL);
    } else if (strcmp(func, "printed") == 0) {
        printf("last words");
        crash_now();
    } else if (strcmp(func, "exit") == 0) {
        exit(0);
    } else if (strcmp(func, "exit-7") == 0) {
        exit(7);
    } else if (strcmp(func, "_exit") == 0) {
        _exit(0);
    }
    return PLUGIN_OK;
}
