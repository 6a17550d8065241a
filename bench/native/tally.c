/* A native plugin that counts for whoever asks: the payload is a name, the answer how often it was given, ever. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define LONGEST_NAME 255
#define LONGEST_COUNT 24

static const plugin_host *host;

uint32_t plugin_abi(void) {
    return PLUGIN_ABI_VERSION;
}

int32_t plugin_attach(const plugin_host *table) {
    host = table;
    return PLUGIN_OK;
}

static int32_t add(const char *name, char *count) {
    int64_t kept = host->kv_get(host->ctx, name, (uint8_t *)count, LONGEST_COUNT);
    if (kept < 0 && kept != PLUGIN_E_NOTFOUND) {
        return (int32_t)kept;
    }
    count[kept < 0 ? 0 : kept] = '\0';
    snprintf(count, LONGEST_COUNT, "%ld", atol(count) + 1);
    return host->kv_put(host->ctx, name, (const uint8_t *)count, strlen(count));
}

int32_t plugin_invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    char name[LONGEST_NAME + 1];
    if (strcmp(func, "add") != 0) {
        return PLUGIN_E_NOFUNC;
    }
    if (in_len > LONGEST_NAME) {
        return PLUGIN_E_BADARG;
    }
    memcpy(name, in, in_len);
    name[in_len] = '\0';
    *out = malloc(LONGEST_COUNT + 1);
    if (*out == NULL) {
        return PLUGIN_E_NOMEM;
    }
    int32_t code = add(name, (char *)*out);
    *out_len = code == PLUGIN_OK ? strlen((char *)*out) : 0;
    return code;
}

void plugin_free(void *bytes, size_t len) {
    (void)len;
    free(bytes);
}
