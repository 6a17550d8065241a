/* What the attacks of the hostile plugin have in common. */
#ifndef ATTACK_H
#define ATTACK_H

#include <stddef.h>
#include <stdint.h>

#include "plugin.h"

#define MOST_ARGUMENTS 4

/* An attack. Its arguments are the lines of the payload; those that are missing are empty texts. */
struct attack {
    const char *name;
    void (*run)(char **arguments);
};

/* A table ends with an attack without a name. */
extern const struct attack file_attacks[];
extern const struct attack process_attacks[];
extern const struct attack kernel_attacks[];
extern const struct attack network_attacks[];
extern const struct attack memory_attacks[];
extern const struct attack protocol_attacks[];
extern const struct attack crashes[];

/* The host's table; null before plugin_attach. */
extern const plugin_host *host;

/* Says how one try ended: "what: DONE" if the result of the system call is not negative, else "what: EPERM" or such. */
void attempt(const char *what, long result);

/* As above, for a call that fails with this errno only when it was let through. */
void attempt_or(const char *what, long result, int let_through);

/* Says what is neither a success nor a failure. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the process in one of the ways of crashes.c, or does nothing if there is none of the name. */
void crash(const char *kind);

#endif
