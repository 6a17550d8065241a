/* Runs one function of a plugin in this process, where nothing stops it:   strike LIBRARY FUNCTION PAYLOAD */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int32_t invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len);

int main(int count, char **words) {
    void *library;
    invoke *call;
    uint8_t *out = NULL;
    size_t length = 0;
    int32_t code;
    if (count != 4) {
        fprintf(stderr, "usage: strike LIBRARY FUNCTION PAYLOAD\n");
        return 2;
    }
    library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 3;
    }
    *(void **)&call = dlsym(library, "plugin_invoke");
    if (call == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 3;
    }
    code = call(words[2], (const uint8_t *)words[3], strlen(words[3]), &out, &length);
    if (code != 0) {
        fprintf(stderr, "%s: %d\n", words[2], (int)code);
        return 4;
    }
    printf("%.*s\n", (int)length, (const char *)out);
    return 0;
}
