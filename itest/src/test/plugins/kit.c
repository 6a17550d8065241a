/* A native plugin of ABI v1 with one function for each way to answer. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin.h"

static int32_t answer(const char *text, size_t len, uint8_t **out, size_t *out_len, int32_t code) {
    *out = malloc(len + 1);
    if (*out == NULL) {
        return PLUGIN_E_NOMEM;
    }
    memcpy(*out, text, len);
    *out_len = len;
    return code;
}

/* The payload names a FIFO: returns when somebody has opened it for writing and has closed it again. */
static int32_t wait_for(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    char path[4096];
    char drop[64];
    int fifo;
    if (in_len >= sizeof path) {
        return PLUGIN_E_BADARG;
    }
    memcpy(path, in, in_len);
    path[in_len] = '\0';
    fifo = open(path, O_RDONLY);
    if (fifo < 0) {
        return PLUGIN_E_BADARG;
    }
    while (read(fifo, drop, sizeof drop) > 0) {
    }
    close(fifo);
    return answer("went on", strlen("went on"), out, out_len, PLUGIN_OK);
}

uint32_t plugin_abi(void) {
    return PLUGIN_ABI_VERSION;
}

void plugin_init(void) {
}

const char *plugin_describe(void) {
    return "{\"functions\":[{\"name\":\"echo\"},{\"name\":\"bytes\"},{\"name\":\"nothing\"},{\"name\":\"refuse\"},"
           "{\"name\":\"wait\"}],\"threading\":\"concurrent\"}";
}

int32_t plugin_invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    if (strcmp(func, "echo") == 0) {
        return answer((const char *)in, in_len, out, out_len, PLUGIN_OK);
    }
    if (strcmp(func, "bytes") == 0) {
        return answer("\xff\x00\xfe", 3, out, out_len, PLUGIN_OK);
    }
    if (strcmp(func, "nothing") == 0) {
        return PLUGIN_OK;
    }
    if (strcmp(func, "refuse") == 0) {
        return answer("no such colour", strlen("no such colour"), out, out_len, 7);
    }
    if (strcmp(func, "wait") == 0) {
        return wait_for(in, in_len, out, out_len);
    }
    return PLUGIN_E_NOFUNC;
}

void plugin_free(void *ptr, size_t len) {
    (void)len;
    free(ptr);
}
