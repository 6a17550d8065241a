/* A plugin of ABI v1 whose functions do what a test asks. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin.h"

static const plugin_host *host;
static int calls;
static pthread_t home;
static int home_known;

static int32_t answer(const void *bytes, size_t len, uint8_t **out, size_t *out_len) {
    *out = malloc(len == 0 ? 1 : len);
    if (*out == NULL) {
        return PLUGIN_E_NOMEM;
    }
    if (len > 0) {
        memcpy(*out, bytes, len);
    }
    *out_len = len;
    return PLUGIN_OK;
}

static int32_t answer_text(const char *text, uint8_t **out, size_t *out_len) {
    return answer(text, strlen(text), out, out_len);
}

uint32_t plugin_abi(void) {
    return PLUGIN_ABI_VERSION;
}

int32_t plugin_attach(const plugin_host *given) {
    host = given;
    return PLUGIN_OK;
}

const char *plugin_describe(void) {
    return "{\"x\":[1,{\"name\":\"no\"}],\"functions\":[{\"name\":\"upper\",\"doc\":\"d\"},{\"doc\":\"e\",\"name\":\"echo\"}]}";
}

void plugin_free(void *ptr, size_t len) {
    (void)len;
    free(ptr);
}

void plugin_shutdown(void) {
    host->log(host->ctx, PLUGIN_LOG_WARN, "shut down", 9);
}

/* Waits until somebody writes to the fifo that the payload names. */
static int32_t wait_for_fifo(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    char path[1024];
    char byte = 0;
    int fd;
    memcpy(path, in, in_len);
    path[in_len] = 0;
    fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, &byte, 1) != 1) {
        return PLUGIN_E_FAIL;
    }
    close(fd);
    return answer_text(host->cancelled(host->ctx) ? "cancelled" : "not cancelled", out, out_len);
}

static int32_t config(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    char key[64];
    char text[64];
    uint8_t small[3] = {'-', '-', '-'};
    int64_t length;
    memcpy(key, in, in_len);
    key[in_len] = 0;
    length = host->config_get(host->ctx, key, small, 2);
    snprintf(text, sizeof text, "%d %c%c%c", (int)length, small[0], small[1], small[2]);
    return answer_text(text, out, out_len);
}

/* Payload "key": answers the length that kv_get gives and up to 8 bytes of the value. */
static int32_t keep_get(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    char key[512];
    char text[64];
    char value[9] = "";
    int64_t length;
    memcpy(key, in, in_len);
    key[in_len] = 0;
    length = host->kv_get(host->ctx, key, (uint8_t *)value, 8);
    snprintf(text, sizeof text, "%d %s", (int)length, value);
    return answer_text(text, out, out_len);
}

/* Payload "key=value" keeps, "key" deletes: answers the code of kv_put. */
static int32_t keep_put(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    char key[512];
    char text[16];
    char *end;
    int32_t code;
    memcpy(key, in, in_len);
    key[in_len] = 0;
    end = strchr(key, '=');
    if (end == NULL) {
        code = host->kv_put(host->ctx, key, NULL, 0);
    } else {
        *end = 0;
        code = host->kv_put(host->ctx, key, (const uint8_t *)end + 1, in_len - (size_t)(end + 1 - key));
    }
    snprintf(text, sizeof text, "%d", (int)code);
    return answer_text(text, out, out_len);
}

int32_t plugin_invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    if (strcmp(func, "echo") == 0) {
        return answer(in, in_len, out, out_len);
    }
    if (strcmp(func, "code") == 0) {
        /* payload "7 text": answers code 7 with that text */
        char text[256];
        char *rest;
        long code;
        memcpy(text, in, in_len);
        text[in_len] = 0;
        code = strtol(text, &rest, 10);
        if (*rest == ' ') {
            answer_text(rest + 1, out, out_len);
        }
        return (int32_t)code;
    }
    if (strcmp(func, "count") == 0) {
        char text[16];
        snprintf(text, sizeof text, "%d", ++calls);
        return answer_text(text, out, out_len);
    }
    if (strcmp(func, "print") == 0) {
        fwrite(in, 1, in_len, stdout);
        return PLUGIN_OK;
    }
    if (strcmp(func, "flood") == 0) {
        long lines = 100000;
        while (lines-- > 0) {
            puts("0123456789012345678901234567890123456789");
        }
        return PLUGIN_OK;
    }
    if (strcmp(func, "wait") == 0) {
        return wait_for_fifo(in, in_len, out, out_len);
    }
    if (strcmp(func, "until-cancelled") == 0) {
        while (!host->cancelled(host->ctx)) {
        }
        return PLUGIN_E_CANCELLED;
    }
    if (strcmp(func, "config") == 0) {
        return config(in, in_len, out, out_len);
    }
    if (strcmp(func, "denied") == 0) {
        uint8_t buffer[8];
        char text[64];
        snprintf(text, sizeof text, "%d %d %d %u", (int)host->kv_get(host->ctx, "k", buffer, 8),
                 (int)host->kv_put(host->ctx, "k", buffer, 1), host->extension(host->ctx, "timer/1") == NULL,
                 (unsigned)host->size);
        return answer_text(text, out, out_len);
    }
    if (strcmp(func, "keep-get") == 0) {
        return keep_get(in, in_len, out, out_len);
    }
    if (strcmp(func, "keep-put") == 0) {
        return keep_put(in, in_len, out, out_len);
    }
    if (strcmp(func, "log") == 0) {
        host->log(host->ctx, PLUGIN_LOG_ERROR, (const char *)in, in_len);
        return PLUGIN_OK;
    }
    if (strcmp(func, "thread") == 0) {
        int same = home_known && pthread_equal(home, pthread_self());
        home = pthread_self();
        home_known = 1;
        return answer_text(same ? "same" : "other", out, out_len);
    }
    if (strcmp(func, "null-result") == 0) {
        *out_len = 5;
        return PLUGIN_OK;
    }
    return PLUGIN_E_NOFUNC;
}
