#include "worker.h"

#include <stdlib.h>
#include <string.h>

#define MAX_KEY_BYTES 4096
/* More than any daemon keeps for a plugin; what it would refuse need not travel. */
#define MAX_VALUE_BYTES (64u << 20)

/* One thread of a plugin that waits for a VALUE. */
struct waiter {
    struct waiter *next;
    uint32_t id;
    struct frame *answer;
    pthread_cond_t answered;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct waiter *waiters;
static uint32_t last_id;

/* A thread that is cancelled inside would leave locks taken and its waiter behind. */
static int shield(void) {
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

static void unshield(int before) {
    pthread_setcancelstate(before, &before);
}

static uint32_t add(struct waiter *waiter) {
    pthread_cond_init(&waiter->answered, NULL);
    pthread_mutex_lock(&lock);
    /* 0 is the id of what has no answer. */
    last_id = last_id == UINT32_MAX ? 1 : last_id + 1;
    waiter->id = last_id;
    waiter->answer = NULL;
    waiter->next = waiters;
    waiters = waiter;
    pthread_mutex_unlock(&lock);
    return waiter->id;
}

/* Sends a request and waits for its VALUE. */
static struct frame *ask(uint32_t kind, const struct iovec *parts, int count) {
    struct waiter waiter;
    uint32_t id = add(&waiter);
    send_frame(id, kind, parts, count);
    turns_need_answer();
    pthread_mutex_lock(&lock);
    while (waiter.answer == NULL) {
        pthread_cond_wait(&waiter.answered, &lock);
    }
    pthread_mutex_unlock(&lock);
    pthread_cond_destroy(&waiter.answered);
    return waiter.answer;
}

void host_value(struct frame *frame) {
    pthread_mutex_lock(&lock);
    struct waiter **at = &waiters;
    while (*at != NULL && (*at)->id != frame->id) {
        at = &(*at)->next;
    }
    struct waiter *waiter = *at;
    if (waiter == NULL) {
        broken("a value came that nobody asked for");
    }
    *at = waiter->next;
    waiter->answer = frame;
    pthread_cond_signal(&waiter->answered);
    pthread_mutex_unlock(&lock);
}

static void PLUGIN_CALL host_log(void *ctx, int32_t level, const char *utf8, size_t len) {
    const struct plugin *plugin = ctx;
    if (utf8 == NULL || atomic_load(&plugin->ended)) {
        return;
    }
    int before = shield();
    uint8_t fields[8];
    put_u32(fields, plugin->number);
    put_u32(fields + 4, (uint32_t)level);
    struct iovec parts[] = {{fields, sizeof fields},
                            {(void *)(uintptr_t)utf8, len < MAX_LOG_BYTES ? len : MAX_LOG_BYTES}};
    send_frame(0, FRAME_LOG, parts, 2);
    unshield(before);
}

/* Returns the full length. */
static int64_t copy(const void *value, size_t length, uint8_t *buf, size_t cap) {
    size_t count = length < cap ? length : cap;
    if (buf != NULL && count > 0) {
        memcpy(buf, value, count);
    }
    return (int64_t)length;
}

static int64_t PLUGIN_CALL host_config_get(void *ctx, const char *key, uint8_t *buf, size_t cap) {
    const struct plugin *plugin = ctx;
    if (key == NULL || (buf == NULL && cap != 0)) {
        return PLUGIN_E_BADARG;
    }
    if (atomic_load(&plugin->ended)) {
        return PLUGIN_E_DENIED;
    }
    for (uint32_t i = 0; i < plugin->config_count; i++) {
        const struct setting *setting = &plugin->config[i];
        if (strcmp(setting->key.start, key) == 0) {
            return copy(setting->value.start, setting->value.length, buf, cap);
        }
    }
    return PLUGIN_E_NOTFOUND;
}

/* Returns the key's length; 0 for one that is none. */
static size_t key_length(const char *key) {
    size_t length = key == NULL ? 0 : strnlen(key, MAX_KEY_BYTES + 1);
    return length > MAX_KEY_BYTES ? 0 : length;
}

static int64_t PLUGIN_CALL host_kv_get(void *ctx, const char *key, uint8_t *buf, size_t cap) {
    const struct plugin *plugin = ctx;
    size_t length = key_length(key);
    if (length == 0 || (buf == NULL && cap != 0)) {
        return PLUGIN_E_BADARG;
    }
    if (atomic_load(&plugin->ended)) {
        return PLUGIN_E_DENIED;
    }
    int before = shield();
    uint8_t fields[8];
    put_u32(fields, plugin->number);
    put_u32(fields + 4, (uint32_t)length);
    struct iovec parts[] = {{fields, sizeof fields}, {(void *)(uintptr_t)key, length}};
    struct frame *answer = ask(FRAME_GET, parts, 2);
    struct body body = body_of(answer);
    int32_t code = (int32_t)take_u32(&body);
    int64_t result = code == PLUGIN_OK ? copy(body.at, body.left, buf, cap) : code;
    free(answer);
    unshield(before);
    return result;
}

static int32_t PLUGIN_CALL host_kv_put(void *ctx, const char *key, const uint8_t *val, size_t len) {
    const struct plugin *plugin = ctx;
    size_t length = key_length(key);
    if (length == 0 || (val != NULL && len > MAX_VALUE_BYTES)) {
        return PLUGIN_E_BADARG;
    }
    if (atomic_load(&plugin->ended)) {
        return PLUGIN_E_DENIED;
    }
    int before = shield();
    uint8_t fields[8];
    uint8_t present[4];
    put_u32(fields, plugin->number);
    put_u32(fields + 4, (uint32_t)length);
    put_u32(present, val == NULL ? 0 : 1);
    struct iovec parts[] = {{fields, sizeof fields},
                            {(void *)(uintptr_t)key, length},
                            {present, sizeof present},
                            {(void *)(uintptr_t)val, val == NULL ? 0 : len}};
    struct frame *answer = ask(FRAME_PUT, parts, 4);
    struct body body = body_of(answer);
    int32_t code = (int32_t)take_u32(&body);
    free(answer);
    unshield(before);
    return code;
}

/* A plugin's own thread works for no call in particular: it is late as soon as one of the calls is. */
static int32_t PLUGIN_CALL host_cancelled(void *ctx) {
    const struct plugin *plugin = ctx;
    if (atomic_load(&plugin->ended)) {
        return 1;
    }
    int64_t now = now_millis();
    if (my_lane != NULL && my_lane->plugin == plugin) {
        return now > atomic_load(&my_lane->deadline);
    }
    for (struct lane *lane = atomic_load(&plugin->lanes); lane != NULL; lane = lane->next) {
        if (now > atomic_load(&lane->deadline)) {
            return 1;
        }
    }
    return 0;
}

static const void *PLUGIN_CALL host_extension(void *ctx, const char *id) {
    (void)ctx;
    (void)id;
    return NULL;
}

void host_fill(struct plugin *plugin) {
    plugin->host = (plugin_host){
        .size = sizeof(plugin_host),
        .abi = PLUGIN_ABI_VERSION,
        .ctx = plugin,
        .log = host_log,
        .config_get = host_config_get,
        .kv_get = host_kv_get,
        .kv_put = host_kv_put,
        .cancelled = host_cancelled,
        .extension = host_extension,
    };
}
