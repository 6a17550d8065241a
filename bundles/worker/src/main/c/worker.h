/* The parts of the worker, and what they share. One process runs one plugin, or the plugins of one group.
 *
 * Each plugin has its own thread, or several once the daemon said so. The main thread runs no plugin's code: it reads
 * and dispatches the daemon's frames while plugins compute; an idle plugin's thread does that itself, see turns.c.
 */
#ifndef WORKER_H
#define WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "plugin.h"
#include "worker_protocol.h"

/* The worker ended itself: its pipes broke or what came through them is no frame. */
#define EXIT_BROKEN 2

#define MAX_MESSAGE_BYTES 4096

/* ---- frames.c: reading and writing frames ---- */

/* A frame from the daemon, in one piece of memory that its owner frees. */
struct frame {
    struct frame *next;
    uint32_t id;
    uint32_t kind;
    uint32_t length;
    int64_t arrived; /* in milliseconds, see now_millis */
    uint8_t body[];
};

/* What is left of a body. What does not fit into it ends the worker. */
struct body {
    uint8_t *at;
    size_t left;
};

/* A text in a body; it ends with NUL and may hold others before. */
struct text {
    char *start;
    uint32_t length;
};

int64_t now_millis(void);

/* Writes "worker: ...", a line of printf's arguments, to the log. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says what is wrong and ends the worker. */
_Noreturn void broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

void frames_open(int requests, int replies);

/* Waits for the next frame. Ends the worker at the end of the requests. */
struct frame *read_frame(void);

/* Writes head and parts as a whole, from any thread. At most 6 parts. */
void send_frame(uint32_t id, uint32_t kind, const struct iovec *parts, int count);
void send_result(uint32_t id, uint32_t status, int32_t code, const void *bytes, size_t length);

struct body body_of(struct frame *frame);
uint32_t take_u32(struct body *body);
uint64_t take_u64(struct body *body);
struct text take_text(struct body *body);
void put_u32(uint8_t *at, uint32_t value);

/* ---- plugins.c: the plugins and their threads ---- */

/* One thread of a plugin. */
struct lane {
    struct lane *next;
    struct plugin *plugin;
    bool home;                /* opens and ends the plugin */
    _Atomic int64_t deadline; /* of the call that runs; NO_CALL */
};

#define NO_CALL INT64_MAX

struct setting {
    struct text key;
    struct text value;
};

/* Never freed: the plugin has the address of its host table, and threads that it leaves behind may use it. */
struct plugin {
    struct plugin *next;
    uint32_t number;
    plugin_host host;
    uint64_t output_bytes;
    struct setting *config;
    uint32_t config_count;
    atomic_bool ended;

    pthread_mutex_t lock; /* of the fields below */
    pthread_cond_t changed;
    struct frame *first;
    struct frame *last;
    unsigned running;
    bool alone; /* what runs now allows nothing beside it */
    _Atomic(struct lane *) lanes; /* grows only, and is read without the lock */
    unsigned lane_count;
    bool concurrent;
    bool reads; /* its one thread reads the requests while it is idle */

    void *library;
    uint32_t symbols;
    int32_t (PLUGIN_CALL *invoke)(const char *, const uint8_t *, size_t, uint8_t **, size_t *);
    void (PLUGIN_CALL *free)(void *, size_t);
};

/* The lane whose thread this is; NULL on all other threads. */
extern _Thread_local struct lane *my_lane;

void plugins_dispatch(struct frame *frame);
bool plugins_any(void);

/* Lets the plugin's idle threads look what there is to do. */
void plugins_wake(struct plugin *plugin);

/* ---- turns.c: whose turn it is to read the requests ---- */

void turns_open(void);

/* Waits until the main thread has to read. It keeps the turn until turns_yield_main says that a plugin took it. */
void turns_take_main(void);
bool turns_yield_main(void);

/* Takes the turn for a plugin's idle thread; false: somebody reads, and the plugin is woken when it may. */
bool turns_take(struct plugin *plugin);
void turns_release(void);

/* Says that somebody waits for an answer of the daemon. */
void turns_need_answer(void);

/* Says that a plugin reads for itself from now on, or no longer. */
void turns_reader(struct plugin *plugin, bool reads);

/* ---- worker.c ---- */

/* Serves a frame or hands it to the plugin that has to. Called by the thread whose turn it is to read. */
void dispatch(struct frame *frame);

/* ---- library.c: the calls of plugin.h ---- */

/* Opens the library; answers; says whether it is loaded. */
bool library_load(struct plugin *plugin, struct frame *frame, struct lane *lane);
void library_invoke(struct plugin *plugin, struct frame *frame, struct lane *lane);
void library_run(struct plugin *plugin, struct frame *frame, struct lane *lane);
void library_shutdown(struct plugin *plugin);

/* Writes out what the plugin left in stdio's buffer. */
void flush_stdout(void);

/* ---- host.c: what a plugin asks of its host ---- */

void host_fill(struct plugin *plugin);

/* Hands the daemon's answer to the thread that waits for it; takes the frame. */
void host_value(struct frame *frame);

/* ---- capture.c: what is printed on descriptor 1 ---- */

struct printed {
    uint8_t *bytes;
    uint64_t kept;  /* bytes that are there */
    uint64_t total; /* bytes that were printed */
    uint64_t most;
    bool no_memory;
};

/* Makes what has to be made before the worker is confined. */
void capture_open(int log);

/* Waits until no other call is captured. False: there is no thread for it. */
bool capture_begin(struct printed *printed, uint64_t most);
void capture_end(void);

/* ---- places.c: where in which library an address is ---- */

struct place {
    uintptr_t base;
    const char *library;  /* last part of the file's name; "worker" for this program */
    const char *function; /* exported function around the address; NULL if there is none */
    bool program;         /* this program, not a library */
    bool code;            /* the address can be executed */
};

/* For a signal handler too: takes no memory, and no lock but the loader's, which its holder may take once more. */
bool place_of(uintptr_t address, struct place *place);

/* ---- environment.c ---- */

/* Sets variables for the whole process; other threads may read the environment meanwhile. */
bool environment_set(const struct setting *settings, uint32_t count);

/* ---- confine.c ---- */

void confine(struct frame *frame);
void arm_parent_death(void);

/* ---- crash.c: the last words ---- */

void crash_watch(void);

/* Gives the calling thread a stack of its own for signals, so that it can report that its stack is full. */
void crash_prepare_thread(void);

/* ---- descriptors.c ---- */

struct pipes {
    int requests;
    int replies;
    int log;
};

/* Takes 0 and 1 away from plugins and closes all that was inherited. */
struct pipes descriptors_take(void);

#endif
