#include "worker.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __linux__
#include <link.h>
#include <stdio_ext.h>
#endif

#define MAX_DESCRIPTION_BYTES (256u << 10)

/* Where the system can be asked to look into the library alone. */
#ifdef RTLD_FIRST
#define OPEN_FLAGS (RTLD_NOW | RTLD_LOCAL | RTLD_FIRST)
#else
#define OPEN_FLAGS (RTLD_NOW | RTLD_LOCAL)
#endif

typedef void (PLUGIN_CALL *void_function)(void);

static void refuse(uint32_t id, uint32_t stage, int32_t code, const char *message) {
    uint8_t fields[12];
    size_t length = strnlen(message, MAX_MESSAGE_BYTES);
    put_u32(fields, stage);
    put_u32(fields + 4, (uint32_t)code);
    put_u32(fields + 8, (uint32_t)length);
    struct iovec parts[] = {{fields, sizeof fields}, {(void *)(uintptr_t)message, length}};
    send_frame(id, FRAME_REFUSED, parts, 2);
}

/* Finds a function of the library itself: dlsym looks into the libraries that it needs as well, so that any plugin
 * would have a function "abort". What is no code is no function. */
static void *find(const struct plugin *plugin, const char *name) {
    void *address = dlsym(plugin->library, name);
    if (address == NULL) {
        return NULL;
    }
    struct place place;
    if (!place_of((uintptr_t)address, &place) || !place.code) {
        return NULL;
    }
#ifdef __linux__
    struct link_map *map = NULL;
    if (dlinfo(plugin->library, RTLD_DI_LINKMAP, &map) != 0 || place.base != map->l_addr) {
        return NULL;
    }
#endif
    return address;
}

static void *find_symbol(const struct plugin *plugin, uint32_t bit, const char *name) {
    return plugin->symbols & bit ? find(plugin, name) : NULL;
}

void flush_stdout(void) {
#ifdef __linux__
    /* A plugin may hold stdio's lock for ever. */
    if (ftrylockfile(stdout) != 0) {
        return;
    }
    if (__fpending(stdout) > 0) {
        fflush(stdout);
    }
    funlockfile(stdout);
#else
    if (ftrylockfile(stdout) == 0) {
        fflush(stdout);
        funlockfile(stdout);
    }
#endif
}

/* Refuses and says so; true: all of it went well. */
static bool initialise(struct plugin *plugin, uint32_t id, const char *entry) {
    uint32_t (PLUGIN_CALL *version)(void);
    int32_t (PLUGIN_CALL *attach)(const plugin_host *);
    *(void **)&version = find_symbol(plugin, SYMBOL_VERSION, "plugin_abi");
    *(void **)&attach = find_symbol(plugin, SYMBOL_ATTACH, "plugin_attach");
    if (version != NULL) {
        uint32_t made_for = version();
        if (made_for >> 16 != PLUGIN_ABI_MAJOR) {
            refuse(id, STAGE_VERSION, (int32_t)made_for, "plugin_abi returned another major version");
            return false;
        }
    }
    if (attach != NULL) {
        int32_t code = attach(&plugin->host);
        if (code != PLUGIN_OK) {
            refuse(id, STAGE_ATTACH, code, "plugin_attach refused the host");
            return false;
        }
    }
    void_function init;
    *(void **)&init = *entry == 0 ? find_symbol(plugin, SYMBOL_INIT, "plugin_init") : find(plugin, entry);
    if (init != NULL) {
        init();
    } else if (*entry != 0) {
        refuse(id, STAGE_ENTRY, 0, entry);
        return false;
    }
    return true;
}

/* Returns an empty text for one that does not end. */
static struct iovec describe(const struct plugin *plugin) {
    const char *(PLUGIN_CALL *function)(void);
    *(void **)&function = find_symbol(plugin, SYMBOL_DESCRIBE, "plugin_describe");
    const char *text = function == NULL ? NULL : function();
    size_t length = text == NULL ? 0 : strnlen(text, MAX_DESCRIPTION_BYTES + 1);
    return (struct iovec){(void *)(uintptr_t)text, length > MAX_DESCRIPTION_BYTES ? 0 : length};
}

static struct setting *take_settings(struct body *body, uint32_t *count) {
    *count = take_u32(body);
    /* Each takes two lengths at least: no more memory is asked for than the frame's own size suggests. */
    if (*count > body->left / 8) {
        broken("a frame's body is too short for the %u texts that it announces", *count);
    }
    struct setting *settings = calloc(*count == 0 ? 1 : *count, sizeof *settings);
    for (uint32_t i = 0; settings != NULL && i < *count; i++) {
        settings[i].key = take_text(body);
        settings[i].value = take_text(body);
    }
    return settings;
}

/* Takes the frame: the configuration stays in it. */
bool library_load(struct plugin *plugin, struct frame *frame, struct lane *lane) {
    struct body body = body_of(frame);
    take_u32(&body);
    struct text path = take_text(&body);
    struct text entry = take_text(&body);
    plugin->symbols = take_u32(&body);
    plugin->output_bytes = take_u64(&body);
    if (plugin->output_bytes > INT32_MAX) {
        plugin->output_bytes = INT32_MAX;
    }
    atomic_store(&lane->deadline, frame->arrived + take_u32(&body));
    plugin->config = take_settings(&body, &plugin->config_count);
    uint32_t count = 0;
    struct setting *environment = plugin->config == NULL ? NULL : take_settings(&body, &count);
    if (environment == NULL || !environment_set(environment, count)) {
        refuse(frame->id, STAGE_OPEN, 0, "the worker has no memory for the plugin's configuration");
        return false;
    }
    free(environment);
    plugin->library = dlopen(path.start, OPEN_FLAGS);
    if (plugin->library == NULL) {
        const char *reason = dlerror();
        refuse(frame->id, STAGE_OPEN, 0, reason == NULL ? "the loader gives no reason" : reason);
        return false;
    }
    if (!initialise(plugin, frame->id, entry.start)) {
        return false;
    }
    *(void **)&plugin->invoke = find_symbol(plugin, SYMBOL_INVOKE, "plugin_invoke");
    *(void **)&plugin->free = find_symbol(plugin, SYMBOL_FREE, "plugin_free");
    struct iovec description = describe(plugin);
    flush_stdout();
    const uint32_t level_1 = SYMBOL_VERSION | SYMBOL_ATTACH | SYMBOL_DESCRIBE | SYMBOL_INVOKE | SYMBOL_SHUTDOWN;
    uint8_t fields[8];
    put_u32(fields, plugin->symbols & level_1 ? 1 : 0);
    put_u32(fields + 4, (uint32_t)description.iov_len);
    struct iovec parts[] = {{fields, sizeof fields}, description};
    send_frame(frame->id, FRAME_LOADED, parts, 2);
    return true;
}

static void send_length(uint32_t id, uint32_t status, uint64_t length) {
    char text[24];
    int count = snprintf(text, sizeof text, "%llu", (unsigned long long)length);
    send_result(id, status, 0, text, (size_t)count);
}

static void answer(const struct plugin *plugin, uint32_t id, int32_t code, const uint8_t *bytes, size_t length) {
    if (code != PLUGIN_OK) {
        size_t shown = bytes == NULL ? 0 : length < MAX_MESSAGE_BYTES ? length : MAX_MESSAGE_BYTES;
        send_result(id, STATUS_RETURNED, code, bytes, shown);
    } else if (length > 0 && bytes == NULL) {
        send_length(id, STATUS_NO_POINTER, length);
    } else if (length > plugin->output_bytes) {
        send_length(id, STATUS_TOO_LARGE, length);
    } else {
        send_result(id, STATUS_RETURNED, code, bytes, length);
    }
}

static bool has_nul(struct text text) {
    return strlen(text.start) != text.length;
}

void library_invoke(struct plugin *plugin, struct frame *frame, struct lane *lane) {
    struct body body = body_of(frame);
    take_u32(&body);
    atomic_store(&lane->deadline, frame->arrived + take_u32(&body));
    struct text function = take_text(&body);
    if (plugin->invoke == NULL || has_nul(function)) {
        send_result(frame->id, STATUS_NO_FUNCTION, 0, NULL, 0);
        free(frame);
        return;
    }
    uint8_t *bytes = NULL;
    size_t length = 0;
    int32_t code = plugin->invoke(function.start, body.at, body.left, &bytes, &length);
    flush_stdout();
    /* Before the result is freed: that saves a copy. If its freeing fails, the next call will see it. */
    answer(plugin, frame->id, code, bytes, length);
    if (bytes != NULL && plugin->free != NULL) {
        plugin->free(bytes, length);
    }
    free(frame);
}

void library_run(struct plugin *plugin, struct frame *frame, struct lane *lane) {
    struct body body = body_of(frame);
    take_u32(&body);
    atomic_store(&lane->deadline, frame->arrived + take_u32(&body));
    struct text name = take_text(&body);
    void_function function;
    *(void **)&function = has_nul(name) ? NULL : find(plugin, name.start);
    struct printed printed;
    if (function == NULL) {
        send_result(frame->id, STATUS_NO_FUNCTION, 0, NULL, 0);
    } else if (!capture_begin(&printed, plugin->output_bytes)) {
        send_result(frame->id, STATUS_NO_MEMORY, 0, NULL, 0);
    } else {
        function();
        capture_end();
        if (printed.total > plugin->output_bytes) {
            send_length(frame->id, STATUS_TOO_LARGE, printed.total);
        } else if (printed.no_memory) {
            send_result(frame->id, STATUS_NO_MEMORY, 0, NULL, 0);
        } else {
            send_result(frame->id, STATUS_RETURNED, 0, printed.bytes, printed.kept);
        }
        free(printed.bytes);
    }
    free(frame);
}

void library_shutdown(struct plugin *plugin) {
    void_function shutdown;
    *(void **)&shutdown = find_symbol(plugin, SYMBOL_SHUTDOWN, "plugin_shutdown");
    if (shutdown != NULL) {
        shutdown();
        flush_stdout();
    }
}
