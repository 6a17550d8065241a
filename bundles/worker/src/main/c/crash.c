/* What the worker says when a plugin ends the process: the signal, the place, the calls that led there.
 *
 *     worker: signal 11 (SIGSEGV) at 0x10 in libfoo.so+0x1139 (crash_now)
 *     worker:   #1 libfoo.so+0x1150 (plugin_invoke)
 *
 * The daemon reads these lines. After them the signal does what it does by default, so that the exit status tells it.
 */
#include "worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#define SIGNAL_STACK_BYTES (64u << 10)
#define MAX_FRAMES 32
#define MAX_NAME_BYTES 120

static const struct {
    int number;
    const char *name;
} SIGNALS[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},
    {SIGABRT, "SIGABRT"}, {SIGSYS, "SIGSYS"}, {SIGTRAP, "SIGTRAP"},
};
#define SIGNAL_COUNT (sizeof SIGNALS / sizeof *SIGNALS)

/* A line that is put together without memory or locks. */
struct line {
    char text[512];
    size_t length;
};

static void add_char(struct line *line, char character) {
    if (line->length < sizeof line->text - 1) {
        line->text[line->length++] = character;
    }
}

static void add_text(struct line *line, const char *text) {
    while (*text != 0) {
        add_char(line, *text++);
    }
}

/* A name from the plugin's file: what could be taken for another line, or for a terminal's command, is replaced. */
static void add_name(struct line *line, const char *name) {
    for (int i = 0; i < MAX_NAME_BYTES && name[i] != 0; i++) {
        add_char(line, name[i] > ' ' && name[i] < 127 ? name[i] : '?');
    }
}

static void add_number(struct line *line, uintptr_t number, unsigned base) {
    char digits[24];
    int count = 0;
    do {
        digits[count++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    while (count > 0) {
        add_char(line, digits[--count]);
    }
}

static void add_hex(struct line *line, uintptr_t number) {
    add_text(line, "0x");
    add_number(line, number, 16);
}

static void add_place(struct line *line, uintptr_t address, const struct place *place) {
    add_name(line, place->library);
    add_char(line, '+');
    add_hex(line, address - place->base);
    if (place->function != NULL) {
        add_text(line, " (");
        add_name(line, place->function);
        add_char(line, ')');
    }
}

static void write_line(struct line *line) {
    line->text[line->length] = '\n';
    /* There is nobody to tell that the log is gone. */
    if (write(STDERR_FILENO, line->text, line->length + 1) < 0) {
        return;
    }
}

static uintptr_t crashed_at(const ucontext_t *context) {
#if defined(__linux__) && defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__linux__) && defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.pc;
#else
    (void)context;
    return 0;
#endif
}

/* Where a call through a wrong pointer came from: no unwinder gets beyond such a place. */
static uintptr_t called_from(const ucontext_t *context) {
#if defined(__linux__) && defined(__x86_64__)
    return *(const uintptr_t *)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__linux__) && defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.regs[30];
#else
    (void)context;
    return 0;
#endif
}

static void add_signal(struct line *line, int number) {
    const char *name = "unknown";
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        name = SIGNALS[i].number == number ? SIGNALS[i].name : name;
    }
    add_text(line, "worker: signal ");
    add_number(line, (uintptr_t)number, 10);
    add_text(line, " (");
    add_text(line, name);
    add_char(line, ')');
}

static bool has_address(int number, const siginfo_t *info) {
    return info->si_code > 0 && (number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL);
}

/* Writes a line of the call that returns to an address; false: it is the worker's own, the plugin's calls end there. */
static bool report_caller(int index, uintptr_t address) {
    struct line line = {.length = 0};
    struct place place;
    bool known = place_of(address - 1, &place);
    if (known && place.program) {
        return false;
    }
    add_text(&line, "worker:   #");
    add_number(&line, (uintptr_t)index, 10);
    add_char(&line, ' ');
    if (known) {
        add_place(&line, address, &place);
    } else {
        add_hex(&line, address);
    }
    write_line(&line);
    return true;
}

struct walk {
    uintptr_t start;
    bool started;
    int count;
};

static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *argument) {
    struct walk *walk = argument;
    uintptr_t address = _Unwind_GetIP(context);
    if (!walk->started) {
        /* The handler's own frames come first. */
        walk->started = address == walk->start;
        return _URC_NO_REASON;
    }
    if (address == 0 || walk->count == MAX_FRAMES || !report_caller(walk->count + 1, address)) {
        return _URC_END_OF_STACK;
    }
    walk->count++;
    return _URC_NO_REASON;
}

/* What the plugin printed and stdio still holds may say why. The kernel checks the addresses. */
static void save_printed(void) {
#ifdef __GLIBC__
    struct iovec parts[] = {{stdout->_IO_write_base, (size_t)(stdout->_IO_write_ptr - stdout->_IO_write_base)},
                            {"\n", 1}};
    if (parts[0].iov_len > 0 && parts[0].iov_len <= 64 << 10 && writev(STDERR_FILENO, parts, 2) < 0) {
        return;
    }
#endif
}

/* Read by the handler of a crash in the report: a plain variable might not be written yet when that comes. */
static volatile sig_atomic_t said_signal;

/* For a report that crashed before it said anything. */
static void say_signal_only(int number) {
    struct line line = {.length = 0};
    if (!said_signal) {
        said_signal = 1;
        add_signal(&line, number);
        write_line(&line);
    }
}

static void report(int number, const siginfo_t *info, const ucontext_t *context) {
    struct line line = {.length = 0};
    struct place place;
    uintptr_t address = crashed_at(context);
    bool known = place_of(address, &place);
    add_signal(&line, number);
    if (has_address(number, info)) {
        add_text(&line, " at ");
        add_hex(&line, (uintptr_t)info->si_addr);
    }
    if (known) {
        add_text(&line, " in ");
        add_place(&line, address, &place);
    }
    write_line(&line);
    said_signal = 1;
    if (known) {
        struct walk walk = {.start = address};
        _Unwind_Backtrace(visit, &walk);
    } else {
        report_caller(1, called_from(context));
    }
}

/* Lets the signal do what it does by default. */
static void die_of(int number) {
    sigset_t only;
    signal(number, SIG_DFL);
    sigemptyset(&only);
    sigaddset(&only, number);
    pthread_sigmask(SIG_UNBLOCK, &only, NULL);
    raise(number);
    /* Something keeps the signal away; the status that a shell would give is the next best. */
    _exit(128 + number);
}

static uintptr_t this_thread(void) {
#ifdef __linux__
    return (uintptr_t)syscall(SYS_gettid);
#else
    return (uintptr_t)pthread_self();
#endif
}

static void on_signal(int number, siginfo_t *info, void *context) {
    /* One report is enough, and one that crashes itself must end. Whose it is cannot be a thread-local variable: those
     * lie at the end of the stack, where a plugin that writes beyond its own reaches them. */
    static _Atomic uintptr_t reporter;
    static volatile sig_atomic_t reported;
    uintptr_t self = this_thread();
    uintptr_t nobody = 0;
    if (atomic_compare_exchange_strong(&reporter, &nobody, self)) {
        reported = number;
    } else if (nobody == self) {
        say_signal_only(reported);
        die_of(reported);
    } else {
        for (;;) {
            pause();
        }
    }
    save_printed();
    report(number, info, context);
    die_of(number);
}

#ifdef __GLIBC__
static void on_exit_called(int status, void *unused) {
    (void)unused;
    say("the plugin called exit(%d)", status);
}
#else
static void on_exit_called(void) {
    say("the plugin called exit");
}
#endif

void crash_watch(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_signal;
    /* Not deferred: a report that crashes comes back here instead of ending the process with the wrong signal. */
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(SIGNALS[i].number, &action, NULL);
    }
    /* The worker itself ends with _exit. */
#ifdef __GLIBC__
    on_exit(on_exit_called, NULL);
#else
    atexit(on_exit_called);
#endif
}

void crash_prepare_thread(void) {
    void *memory = malloc(SIGNAL_STACK_BYTES);
    if (memory == NULL) {
        return;
    }
    /* Not given back: destructors of the thread may still run on it when the thread ends. */
    stack_t stack = {.ss_sp = memory, .ss_size = SIGNAL_STACK_BYTES};
    if (sigaltstack(&stack, NULL) != 0) {
        free(memory);
    }
}
