/* The program of a worker process: requests on descriptor 0, replies on 1, log on 2. */
#include "worker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the daemon blocks or ignores for itself is inherited. A write to a closed pipe, or beyond the limit of a file's
 * size, is an error that the plugin gets and no reason to die. */
static void reset_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    for (int signal_number = 1; signal_number < NSIG; signal_number++) {
        signal(signal_number, SIG_DFL);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void say_ready(void) {
    static const char program[] = "c";
    uint8_t fields[12];
    put_u32(fields, PROTOCOL_VERSION);
    put_u32(fields + 4, (uint32_t)getpid());
    put_u32(fields + 8, sizeof program - 1);
    struct iovec parts[] = {{fields, sizeof fields}, {(void *)(uintptr_t)program, sizeof program - 1}};
    send_frame(0, FRAME_READY, parts, 2);
}

void dispatch(struct frame *frame) {
    static bool confined;
    switch (frame->kind) {
        case FRAME_PING:
            send_frame(frame->id, FRAME_PONG, NULL, 0);
            free(frame);
            return;
        case FRAME_VALUE:
            host_value(frame);
            return;
        case FRAME_CONFINE:
            if (confined || plugins_any()) {
                broken("a worker is confined once, before its first plugin");
            }
            confined = true;
            confine(frame);
            return;
        default:
            plugins_dispatch(frame);
    }
}

int main(void) {
    arm_parent_death();
    struct pipes pipes = descriptors_take();
    reset_signals();
    frames_open(pipes.requests, pipes.replies);
    capture_open(pipes.log);
    turns_open();
    crash_watch();
    say_ready();
    for (;;) {
        turns_take_main();
        do {
            dispatch(read_frame());
        } while (!turns_yield_main());
    }
}
