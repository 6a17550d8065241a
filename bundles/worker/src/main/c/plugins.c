#include "worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACK_BYTES (8u << 20)

_Thread_local struct lane *my_lane;

/* Written and read by the thread whose turn it is to read the requests. */
static struct plugin *plugins;

static void refuse_load(uint32_t id, const char *message) {
    uint8_t fields[12];
    put_u32(fields, STAGE_OPEN);
    put_u32(fields + 4, 0);
    put_u32(fields + 8, (uint32_t)strlen(message));
    struct iovec parts[] = {{fields, sizeof fields}, {(void *)(uintptr_t)message, strlen(message)}};
    send_frame(id, FRAME_REFUSED, parts, 2);
}

/* Answers a request for a plugin that is not there, or no longer. */
static void answer_absent(struct frame *frame) {
    if (frame->kind == FRAME_INVOKE || frame->kind == FRAME_RUN) {
        send_result(frame->id, STATUS_NO_FUNCTION, 0, NULL, 0);
    } else if (frame->kind == FRAME_UNLOAD) {
        send_frame(frame->id, FRAME_UNLOADED, NULL, 0);
    }
    free(frame);
}

/* ---- a plugin's thread ---- */

static bool is_alone(const struct frame *frame) {
    return frame->kind == FRAME_LOAD || frame->kind == FRAME_UNLOAD;
}

static bool may_take(const struct plugin *plugin, const struct lane *lane) {
    if (plugin->first == NULL || plugin->alone) {
        return false;
    }
    return !is_alone(plugin->first) || (lane->home && plugin->running == 0);
}

static void begin(struct plugin *plugin, const struct frame *frame) {
    plugin->running++;
    plugin->alone = is_alone(frame);
}

static uint32_t number_of(struct frame *frame) {
    struct body body = body_of(frame);
    return take_u32(&body);
}

static bool is_for(struct frame *frame, const struct plugin *plugin) {
    switch (frame->kind) {
        case FRAME_INVOKE:
        case FRAME_RUN:
        case FRAME_UNLOAD:
            return number_of(frame) == plugin->number;
        default:
            return false;
    }
}

/* Reads one frame while it is this thread's turn; NULL: it was none for the plugin. Nobody else can queue one meanwhile.
 * It is dispatched before the turn is given back: else a later one might overtake it. */
static struct frame *read_own(struct plugin *plugin) {
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    struct frame *frame = read_frame();
    bool own = is_for(frame, plugin);
    if (!own) {
        dispatch(frame);
    }
    turns_release();
    pthread_setcancelstate(before, &before);
    return own ? frame : NULL;
}

/* Waits for the lane's next frame; NULL: the plugin ended. */
static struct frame *next_frame(struct plugin *plugin, const struct lane *lane) {
    struct frame *frame = NULL;
    pthread_mutex_lock(&plugin->lock);
    while (frame == NULL && !atomic_load(&plugin->ended)) {
        if (may_take(plugin, lane)) {
            frame = plugin->first;
            plugin->first = frame->next;
        } else if (plugin->reads && turns_take(plugin)) {
            pthread_mutex_unlock(&plugin->lock);
            frame = read_own(plugin);
            pthread_mutex_lock(&plugin->lock);
        } else {
            pthread_cond_wait(&plugin->changed, &plugin->lock);
        }
    }
    if (frame != NULL) {
        begin(plugin, frame);
    }
    pthread_mutex_unlock(&plugin->lock);
    return frame;
}

/* Changes whether the plugin's thread reads the requests while it is idle. One that has or had others beside it does
 * not: they could not run what comes while it waits. */
static void set_reads(struct plugin *plugin, bool reads) {
    pthread_mutex_lock(&plugin->lock);
    reads = reads && !plugin->concurrent;
    if (plugin->reads != reads) {
        plugin->reads = reads;
        turns_reader(plugin, reads);
    }
    pthread_mutex_unlock(&plugin->lock);
}

static void set_concurrent(struct plugin *plugin) {
    pthread_mutex_lock(&plugin->lock);
    plugin->concurrent = true;
    pthread_mutex_unlock(&plugin->lock);
    set_reads(plugin, false);
}

void plugins_wake(struct plugin *plugin) {
    pthread_mutex_lock(&plugin->lock);
    pthread_cond_broadcast(&plugin->changed);
    pthread_mutex_unlock(&plugin->lock);
}

static void frame_done(struct plugin *plugin) {
    pthread_mutex_lock(&plugin->lock);
    plugin->running--;
    /* Somebody waits for this only if the first frame has to run alone, or if this one had to. */
    bool wanted = plugin->alone || (plugin->first != NULL && is_alone(plugin->first));
    plugin->alone = false;
    if (wanted) {
        pthread_cond_broadcast(&plugin->changed);
    }
    pthread_mutex_unlock(&plugin->lock);
}

/* Nothing is queued for the plugin from now on; what was is answered. */
static void end_plugin(struct plugin *plugin) {
    set_reads(plugin, false);
    pthread_mutex_lock(&plugin->lock);
    atomic_store(&plugin->ended, true);
    struct frame *rest = plugin->first;
    plugin->first = NULL;
    pthread_cond_broadcast(&plugin->changed);
    pthread_mutex_unlock(&plugin->lock);
    while (rest != NULL) {
        struct frame *next = rest->next;
        answer_absent(rest);
        rest = next;
    }
}

static void serve(struct plugin *plugin, struct frame *frame, struct lane *lane) {
    switch (frame->kind) {
        case FRAME_LOAD:
            if (library_load(plugin, frame, lane)) {
                set_reads(plugin, true);
            } else {
                end_plugin(plugin);
            }
            return;
        case FRAME_INVOKE:
            library_invoke(plugin, frame, lane);
            return;
        case FRAME_RUN:
            library_run(plugin, frame, lane);
            return;
        default: {
            uint32_t id = frame->id;
            free(frame);
            library_shutdown(plugin);
            end_plugin(plugin);
            send_frame(id, FRAME_UNLOADED, NULL, 0);
        }
    }
}

static void *lane_main(void *argument) {
    struct lane *lane = argument;
    struct plugin *plugin = lane->plugin;
    struct frame *frame;
    my_lane = lane;
    crash_prepare_thread();
    while ((frame = next_frame(plugin, lane)) != NULL) {
        serve(plugin, frame, lane);
        atomic_store(&lane->deadline, NO_CALL);
        frame_done(plugin);
    }
    return NULL;
}

/* Returns 0 or the reason why there is no further thread. */
static int add_lane(struct plugin *plugin) {
    struct lane *lane = malloc(sizeof *lane);
    if (lane == NULL) {
        return ENOMEM;
    }
    struct lane *others = atomic_load(&plugin->lanes);
    *lane = (struct lane){.next = others, .plugin = plugin, .home = others == NULL, .deadline = NO_CALL};
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int error = pthread_create(&thread, &attributes, lane_main, lane);
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        free(lane);
        return error;
    }
    atomic_store(&plugin->lanes, lane);
    plugin->lane_count++;
    return 0;
}

/* ---- the main thread ---- */

static struct plugin *find(uint32_t number) {
    struct plugin *plugin = plugins;
    while (plugin != NULL && plugin->number != number) {
        plugin = plugin->next;
    }
    return plugin;
}

bool plugins_any(void) {
    return plugins != NULL;
}

static void append(struct plugin *plugin, struct frame *frame) {
    /* Asked before it is queued: from then on it belongs to the thread that takes it. */
    bool alone = is_alone(frame);
    pthread_mutex_lock(&plugin->lock);
    bool ended = atomic_load(&plugin->ended);
    if (!ended) {
        if (plugin->first == NULL) {
            plugin->first = frame;
        } else {
            plugin->last->next = frame;
        }
        plugin->last = frame;
    }
    pthread_mutex_unlock(&plugin->lock);
    if (ended) {
        answer_absent(frame);
    } else if (alone) {
        /* Only the home lane may take it, and a signal might wake another one. */
        pthread_cond_broadcast(&plugin->changed);
    } else {
        pthread_cond_signal(&plugin->changed);
    }
}

static void load(uint32_t number, struct frame *frame) {
    if (find(number) != NULL) {
        broken("plugin %u was loaded before; each load has a number of its own", number);
    }
    struct plugin *plugin = calloc(1, sizeof *plugin);
    if (plugin == NULL) {
        refuse_load(frame->id, "the worker has no memory for another plugin");
        free(frame);
        return;
    }
    plugin->number = number;
    pthread_mutex_init(&plugin->lock, NULL);
    pthread_cond_init(&plugin->changed, NULL);
    host_fill(plugin);
    int error = add_lane(plugin);
    if (error != 0) {
        char message[128];
        snprintf(message, sizeof message, "the worker gets no thread for the plugin: %s", strerror(error));
        refuse_load(frame->id, message);
        free(frame);
        free(plugin);
        return;
    }
    plugin->next = plugins;
    plugins = plugin;
    append(plugin, frame);
}

static void more_threads(struct plugin *plugin, uint32_t threads) {
    if (threads == 0 || threads > MAX_THREADS) {
        broken("%u threads were asked for; 1 to %u can be had", threads, MAX_THREADS);
    }
    if (threads > 1) {
        set_concurrent(plugin);
    }
    while (plugin->lane_count < threads) {
        int error = add_lane(plugin);
        if (error != 0) {
            say("plugin %u stays with %u threads of %u: %s", plugin->number, plugin->lane_count, threads,
                strerror(error));
            return;
        }
    }
}

void plugins_dispatch(struct frame *frame) {
    struct body body = body_of(frame);
    uint32_t number = take_u32(&body);
    if (frame->kind == FRAME_LOAD) {
        load(number, frame);
        return;
    }
    struct plugin *plugin = find(number);
    if (plugin == NULL) {
        say("a frame of kind %u came for plugin %u, which was never loaded", frame->kind, number);
        answer_absent(frame);
    } else if (frame->kind == FRAME_THREADS) {
        more_threads(plugin, take_u32(&body));
        free(frame);
    } else {
        append(plugin, frame);
    }
}
