/* A native plugin of ABI v1: greets whom the payload names. */
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define MAX_GREETING 64

static const plugin_host *host;
static char greeting[MAX_GREETING + 1] = "Hello";

static void log_info(const char *text) {
    if (host != NULL) {
        host->log(host->ctx, PLUGIN_LOG_INFO, text, strlen(text));
    }
}

uint32_t plugin_abi(void) {
    return PLUGIN_ABI_VERSION;
}

int32_t plugin_attach(const plugin_host *given) {
    if (given->size < sizeof *given) {
        return PLUGIN_E_ABI;
    }
    host = given;
    return PLUGIN_OK;
}

/* The manifest's config may hold another greeting. */
void plugin_init(void) {
    int64_t length = host == NULL ? 0 : host->config_get(host->ctx, "greeting", (uint8_t *)greeting, MAX_GREETING);
    if (length > MAX_GREETING) {
        length = MAX_GREETING;
    }
    if (length > 0) {
        greeting[length] = '\0';
    }
    log_info("ready to greet");
}

const char *plugin_describe(void) {
    return "{\"functions\":[{\"name\":\"handle\",\"doc\":\"greets whom the payload names\"}],\"threading\":\"serial\"}";
}

int32_t plugin_invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    static const char separator[] = ", ";
    static const char end[] = ", from native code!";
    size_t greeting_len = strlen(greeting);
    size_t len = greeting_len + strlen(separator) + in_len + strlen(end);
    uint8_t *at;
    if (strcmp(func, "handle") != 0) {
        return PLUGIN_E_NOFUNC;
    }
    at = malloc(len);
    if (at == NULL) {
        return PLUGIN_E_NOMEM;
    }
    *out = at;
    *out_len = len;
    memcpy(at, greeting, greeting_len);
    at += greeting_len;
    memcpy(at, separator, strlen(separator));
    at += strlen(separator);
    if (in_len > 0) {
        memcpy(at, in, in_len);
        at += in_len;
    }
    memcpy(at, end, strlen(end));
    return PLUGIN_OK;
}

void plugin_free(void *ptr, size_t len) {
    (void)len;
    free(ptr);
}

void plugin_shutdown(void) {
    log_info("goodbye");
    host = NULL;
}
