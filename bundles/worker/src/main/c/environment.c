#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static bool names(const char *entry, const char *name) {
    size_t length = strlen(name);
    return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

/* Up to the first NUL of each text, as setenv would. */
static char *entry_of(const char *name, const char *value) {
    size_t length = strlen(name) + 1 + strlen(value) + 1;
    char *entry = malloc(length);
    if (entry != NULL) {
        snprintf(entry, length, "%s=%s", name, value);
    }
    return entry;
}

/* setenv would free the table that another plugin's thread reads at this moment; a table that replaces the old one as a
 * whole, which stays, does not. */
static bool replace_table(const struct setting *settings, uint32_t count) {
    size_t there = 0;
    while (environ != NULL && environ[there] != NULL) {
        there++;
    }
    char **table = malloc((there + count + 1) * sizeof *table);
    if (table == NULL) {
        return false;
    }
    for (size_t i = 0; i < there; i++) {
        table[i] = environ[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *name = settings[i].key.start;
        char *entry = entry_of(name, settings[i].value.start);
        if (entry == NULL) {
            return false;
        }
        size_t at = 0;
        while (at < there && !names(table[at], name)) {
            at++;
        }
        table[at] = entry;
        there = at == there ? there + 1 : there;
    }
    table[there] = NULL;
    /* After its entries, for those who read without a lock. */
    __atomic_store_n(&environ, table, __ATOMIC_RELEASE);
    return true;
}

bool environment_set(const struct setting *settings, uint32_t count) {
    /* Two plugins may be loaded at the same time. */
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    bool set = count == 0 || replace_table(settings, count);
    pthread_mutex_unlock(&lock);
    return set;
}
