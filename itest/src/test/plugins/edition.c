/* A native plugin of ABI v1 that says which edition of it answers. */
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#ifndef EDITION
#define EDITION "none"
#endif

uint32_t plugin_abi(void) {
    return PLUGIN_ABI_VERSION;
}

void plugin_init(void) {
}

const char *plugin_describe(void) {
    return "{\"functions\":[{\"name\":\"handle\"},{\"name\":\"abort\"}],\"threading\":\"concurrent\"}";
}

int32_t plugin_invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    (void)in;
    (void)in_len;
    if (strcmp(func, "abort") == 0) {
        abort();
    }
    if (strcmp(func, "handle") != 0) {
        return PLUGIN_E_NOFUNC;
    }
    *out_len = strlen(EDITION);
    *out = malloc(*out_len);
    if (*out == NULL) {
        return PLUGIN_E_NOMEM;
    }
    memcpy(*out, EDITION, *out_len);
    return PLUGIN_OK;
}

void plugin_free(void *ptr, size_t len) {
    (void)len;
    free(ptr);
}
