#include "worker.h"

#include <string.h>

#ifdef __linux__

#include <link.h>

struct search {
    uintptr_t address;
    struct place *place;
    const ElfW(Dyn) *dynamic;
    size_t modules;
};

/* The values of the dynamic section that lead to the exported functions. */
struct exports {
    const ElfW(Sym) *symbols;
    const char *names;
    const uint32_t *hash; /* DT_GNU_HASH */
};

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static int look(struct dl_phdr_info *module, size_t size, void *argument) {
    struct search *search = argument;
    const ElfW(Dyn) *dynamic = NULL;
    bool inside = false;
    (void)size;
    search->modules++;
    for (int i = 0; i < module->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &module->dlpi_phdr[i];
        uintptr_t start = module->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_LOAD && search->address >= start && search->address - start < part->p_memsz) {
            inside = true;
            search->place->code = (part->p_flags & PF_X) != 0;
        } else if (part->p_type == PT_DYNAMIC) {
            dynamic = (const ElfW(Dyn) *)start;
        }
    }
    if (inside) {
        search->dynamic = dynamic;
        search->place->base = module->dlpi_addr;
        /* The loader gives this program, which always comes first, no name. */
        search->place->program = search->modules == 1;
        search->place->library = search->modules == 1 ? "worker" : last_part(module->dlpi_name);
    }
    return inside;
}

static struct exports exports_of(const ElfW(Dyn) *dynamic, uintptr_t base) {
    struct exports exports = {NULL, NULL, NULL};
    for (; dynamic != NULL && dynamic->d_tag != DT_NULL; dynamic++) {
        /* glibc adds the base to what the file has, others do not. */
        uintptr_t value = dynamic->d_un.d_ptr;
        const void *at = (const void *)(value < base ? base + value : value);
        if (dynamic->d_tag == DT_SYMTAB) {
            exports.symbols = at;
        } else if (dynamic->d_tag == DT_STRTAB) {
            exports.names = at;
        } else if (dynamic->d_tag == DT_GNU_HASH) {
            exports.hash = at;
        }
    }
    return exports;
}

/* The hash table says where the exported symbols begin; the last one of its last chain is the end. */
static uint32_t end_of_symbols(const uint32_t *hash) {
    uint32_t buckets = hash[0];
    uint32_t first = hash[1];
    const uint32_t *bucket = hash + 4 + (size_t)hash[2] * (sizeof(ElfW(Addr)) / sizeof *hash);
    const uint32_t *chain = bucket + buckets;
    uint32_t last = 0;
    for (uint32_t i = 0; i < buckets; i++) {
        last = bucket[i] > last ? bucket[i] : last;
    }
    if (last < first) {
        return first;
    }
    while ((chain[last - first] & 1) == 0) {
        last++;
    }
    return last + 1;
}

static const char *function_at(const struct exports *exports, uintptr_t offset) {
    if (exports->symbols == NULL || exports->names == NULL || exports->hash == NULL) {
        return NULL;
    }
    uint32_t end = end_of_symbols(exports->hash);
    for (uint32_t i = exports->hash[1]; i < end; i++) {
        const ElfW(Sym) *symbol = &exports->symbols[i];
        if ((symbol->st_info & 0xf) == STT_FUNC && offset >= symbol->st_value &&
            offset - symbol->st_value < symbol->st_size) {
            return exports->names + symbol->st_name;
        }
    }
    return NULL;
}

bool place_of(uintptr_t address, struct place *place) {
    struct search search = {.address = address, .place = place};
    *place = (struct place){.base = 0};
    if (dl_iterate_phdr(look, &search) == 0) {
        return false;
    }
    struct exports exports = exports_of(search.dynamic, place->base);
    place->function = function_at(&exports, address - place->base);
    return true;
}

#else

#include <dlfcn.h>

bool place_of(uintptr_t address, struct place *place) {
    Dl_info info;
    *place = (struct place){.base = 0};
    if (dladdr((void *)address, &info) == 0) {
        return false;
    }
    const char *slash = strrchr(info.dli_fname, '/');
    *place = (struct place){
        .base = (uintptr_t)info.dli_fbase,
        .library = slash == NULL ? info.dli_fname : slash + 1,
        .function = info.dli_sname,
        .code = true,
    };
    return true;
}

#endif
