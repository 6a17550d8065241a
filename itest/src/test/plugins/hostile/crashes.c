/* Ways to die or to hang. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attack.h"

static void bad_pointer(char **arguments) {
    volatile char *nowhere = (volatile char *)16;
    (void)arguments;
    *nowhere = 1;
}

static void bad_jump(char **arguments) {
    void (*volatile nowhere)(void) = (void (*)(void))16;
    (void)arguments;
    nowhere();
}

static void give_up(char **arguments) {
    (void)arguments;
    abort();
}

static void bad_instruction(char **arguments) {
    (void)arguments;
    __builtin_trap();
}

static void bad_division(char **arguments) {
    volatile int some = 7;
    volatile int nothing = 0;
    (void)arguments;
    some = some / nothing;
}

/* The last page of a file that has become shorter is not there any more. */
static void bad_page(char **arguments) {
    int file = memfd_create("page", 0);
    volatile char *page;
    (void)arguments;
    if (file < 0 || ftruncate(file, 4096) < 0) {
        raise(SIGBUS);
    }
    page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    if (page == MAP_FAILED || ftruncate(file, 0) < 0 || page[0] == 0) {
        raise(SIGBUS);
    }
}

static int deeper(volatile char *above) {
    volatile char here[4096];
    here[0] = above[0];
    return here[0] == 0 ? deeper(here) + here[0] : 0;
}

static void overflow(char **arguments) {
    volatile char bottom[1] = {0};
    (void)arguments;
    note("%d", deeper(bottom));
}

static void free_twice(char **arguments) {
    char *volatile block = malloc(100);
    char *volatile again = block;
    (void)arguments;
    free(block);
    free(again);
    free(block);
}

static void leave(char **arguments) {
    (void)arguments;
    exit(0);
}

static void leave_at_once(char **arguments) {
    (void)arguments;
    _exit(0);
}

static void loop(char **arguments) {
    volatile int always = 1;
    (void)arguments;
    while (always) {
    }
}

static void wait_for_nothing(char **arguments) {
    (void)arguments;
    for (;;) {
        pause();
    }
}

static void kill_self(char **arguments) {
    (void)arguments;
    attempt("kill SIGKILL", kill(getpid(), SIGKILL));
}

static void stop_self(char **arguments) {
    (void)arguments;
    attempt("kill SIGSTOP", kill(getpid(), SIGSTOP));
}

/* Only the thread of the call ends. */
static void end_thread(char **arguments) {
    (void)arguments;
    pthread_exit(NULL);
}

static void *crash_later(void *nothing) {
    usleep(20000);
    bad_pointer(NULL);
    return nothing;
}

static void crash_after_the_call(char **arguments) {
    pthread_t thread;
    (void)arguments;
    note("%s", pthread_create(&thread, NULL, crash_later, NULL) == 0 ? "soon" : "no thread");
}

static void *loop_for_ever(void *nothing) {
    loop(NULL);
    return nothing;
}

static void leave_a_thread(char **arguments) {
    pthread_t thread;
    (void)arguments;
    note("%s", pthread_create(&thread, NULL, loop_for_ever, NULL) == 0 ? "left" : "no thread");
}

static void ignore_signals(char **arguments) {
    int number;
    (void)arguments;
    for (number = 1; number < 32; number++) {
        signal(number, SIG_IGN);
    }
    note("ignored");
}

const struct attack crashes[] = {{"segv", bad_pointer},
                                 {"jump", bad_jump},
                                 {"abort", give_up},
                                 {"trap", bad_instruction},
                                 {"division", bad_division},
                                 {"bus", bad_page},
                                 {"stack", overflow},
                                 {"double_free", free_twice},
                                 {"exit", leave},
                                 {"_exit", leave_at_once},
                                 {"loop", loop},
                                 {"pause", wait_for_nothing},
                                 {"kill_self", kill_self},
                                 {"stop_self", stop_self},
                                 {"end_thread", end_thread},
                                 {"crash_later", crash_after_the_call},
                                 {"leave_a_thread", leave_a_thread},
                                 {"ignore_signals", ignore_signals},
                                 {NULL, NULL}};

void crash(const char *kind) {
    const struct attack *way;
    char *none[MOST_ARGUMENTS] = {"", "", "", ""};
    for (way = crashes; way->name != NULL; way++) {
        if (strcmp(way->name, kind) == 0) {
            way->run(none);
        }
    }
}
