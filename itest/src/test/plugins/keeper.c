/* A native plugin that keeps what it is told. VERSION is a number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

static const plugin_host *host;

int32_t plugin_attach(const plugin_host *given) {
    host = given;
    return PLUGIN_OK;
}

void plugin_free(void *memory, size_t length) {
    (void)length;
    free(memory);
}

static int32_t keep(const uint8_t *in, size_t in_len) {
    return host->kv_put(host->ctx, "kept", in, in_len);
}

/* "VERSION:what was kept" */
static int32_t tell(uint8_t **out, size_t *out_len) {
    char kept[64] = "";
    int64_t length = host->kv_get(host->ctx, "kept", (uint8_t *)kept, sizeof kept - 1);
    if (length >= (int64_t)sizeof kept) {
        return PLUGIN_E_FAIL;
    }
    *out = malloc(sizeof kept + 16);
    if (*out == NULL) {
        return PLUGIN_E_NOMEM;
    }
    *out_len = (size_t)sprintf((char *)*out, "%d:%s", VERSION, kept);
    return PLUGIN_OK;
}

int32_t plugin_invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    if (strcmp(func, "keep") == 0) {
        return keep(in, in_len);
    }
    return strcmp(func, "tell") == 0 ? tell(out, out_len) : PLUGIN_E_NOFUNC;
}
