/* A plugin whose functions end its process, each in its own way. Compiled with -DCONCURRENT its calls run at once; with
 * -DINIT=... that is what its initialisation does, with -DSHUTDOWN=... its end. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin.h"

#ifdef CONCURRENT
#define THREADING "concurrent"
#else
#define THREADING "serial"
#endif

static const plugin_host *host;
static int calls;

uint32_t plugin_abi(void) {
    return PLUGIN_ABI_VERSION;
}

int32_t plugin_attach(const plugin_host *given) {
    host = given;
    return PLUGIN_OK;
}

void crash_now(void) {
    *(volatile int *)8 = 1;
}

static int deeper(int n) {
    volatile char room[4096];
    room[0] = (char)n;
    return deeper(n + 1) + room[0];
}

static void end(const char *how) {
    if (strcmp(how, "segv") == 0) {
        crash_now();
    } else if (strcmp(how, "abort") == 0) {
        abort();
    } else if (strcmp(how, "stack") == 0) {
        deeper(0);
    } else if (strcmp(how, "double-free") == 0) {
        void *twice = malloc(4000);
        void *volatile again = twice;
        free(twice);
        free(again);
    } else if (strcmp(how, "exit") == 0) {
        exit(0);
    } else if (strcmp(how, "_exit") == 0) {
        _exit(0);
    } else if (strcmp(how, "loop") == 0) {
        for (;;) {
            __asm__ volatile("");
        }
    } else if (strcmp(how, "kill") == 0) {
        kill(getpid(), SIGKILL);
    } else if (strcmp(how, "close-all") == 0) {
        for (int fd = 0; fd < 1024; fd++) {
            close(fd);
        }
        pause();
    } else if (strcmp(how, "garbage") == 0) {
        char bytes[4096];
        memset(bytes, 'x', sizeof bytes);
        for (int fd = 0; fd < 1024; fd++) {
            if (write(fd, bytes, sizeof bytes) < 0) {
                continue;
            }
        }
        pause();
    }
}

#ifdef INIT
void plugin_init(void) {
    end(INIT);
}
#endif

#ifdef SHUTDOWN
void plugin_shutdown(void) {
    end(SHUTDOWN);
}
#endif

const char *plugin_describe(void) {
    return "{\"functions\":[{\"name\":\"echo\"},{\"name\":\"count\"}],\"threading\":\"" THREADING "\"}";
}

static int32_t answer(const void *bytes, size_t len, uint8_t **out, size_t *out_len) {
    *out = malloc(len + 1);
    if (*out == NULL) {
        return PLUGIN_E_NOMEM;
    }
    memcpy(*out, bytes, len);
    *out_len = len;
    return PLUGIN_OK;
}

int32_t plugin_invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    if (strcmp(func, "echo") == 0) {
        return answer(in, in_len, out, out_len);
    }
    if (strcmp(func, "count") == 0) {
        char text[16];
        return answer(text, (size_t)snprintf(text, sizeof text, "%d", ++calls), out, out_len);
    }
    if (strcmp(func, "pid") == 0) {
        char text[16];
        return answer(text, (size_t)snprintf(text, sizeof text, "%d", (int)getpid()), out, out_len);
    }
    if (strcmp(func, "until-cancelled") == 0) {
        while (!host->cancelled(host->ctx)) {
            usleep(1000);
        }
        return answer("cancelled", 9, out, out_len);
    }
    end(func);
    return PLUGIN_E_NOFUNC;
}

void plugin_free(void *ptr, size_t len) {
    (void)len;
    free(ptr);
}
