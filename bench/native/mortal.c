/* A native plugin that answers what it got, and that dies in ten ways, each a function. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin.h"

static volatile uintptr_t nowhere;

static void segv(void) {
    *(volatile int *)nowhere = 1;
}

static void jump(void) {
    ((void (*)(void))nowhere)();
}

static int deeper(volatile char *above) {
    volatile char room[4096];
    room[0] = above[0];
    return nowhere == 0 ? deeper(room) + room[0] : 0;
}

static void stack(void) {
    volatile char bottom = 1;
    deeper(&bottom);
}

static void double_free(void) {
    void *volatile twice = malloc(4096);
    free(twice);
    free(twice);
}

static void exit_zero(void) {
    exit(0);
}

static void leave(void) {
    _exit(0);
}

static void trap(void) {
    __builtin_trap();
}

static void *die(void *nothing) {
    segv();
    return nothing;
}

static void thread(void) {
    pthread_t other;
    if (pthread_create(&other, NULL, die, NULL) == 0) {
        pthread_join(other, NULL);
    }
}

static void loop(void) {
    while (nowhere == 0) {
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} deaths[] = {
    {"segv", segv}, {"jump", jump}, {"abort", abort}, {"stack", stack}, {"double-free", double_free},
    {"exit", exit_zero}, {"_exit", leave}, {"trap", trap}, {"thread", thread}, {"loop", loop},
};

PLUGIN_EXPORT int32_t plugin_invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
        if (strcmp(func, deaths[i].name) == 0) {
            deaths[i].run();
            return PLUGIN_E_FAIL;
        }
    }
    if (strcmp(func, "echo") != 0) {
        return PLUGIN_E_NOFUNC;
    }
    *out = malloc(in_len + 1);
    if (*out == NULL) {
        return PLUGIN_E_NOMEM;
    }
    memcpy(*out, in, in_len);
    *out_len = in_len;
    return PLUGIN_OK;
}

PLUGIN_EXPORT void plugin_free(void *pointer, size_t length) {
    (void)length;
    free(pointer);
}
