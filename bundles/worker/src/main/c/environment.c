#include "worker.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

static bool names(const char *entry, const char *name, size_t length) {
    return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

static char *entry_of(const struct setting *setting) {
    char *entry = malloc((size_t)setting->key.length + setting->value.length + 2);
    if (entry != NULL) {
        memcpy(entry, setting->key.start, setting->key.length);
        entry[setting->key.length] = '=';
        memcpy(entry + setting->key.length + 1, setting->value.start, (size_t)setting->value.length + 1);
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
        char *entry = entry_of(&settings[i]);
        if (entry == NULL) {
            return false;
        }
        size_t at = 0;
        while (at < there && !names(table[at], settings[i].key.start, settings[i].key.length)) {
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
