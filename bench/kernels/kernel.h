/* A kernel is one source file with this function: it does work of size n and returns a number that proves it. */
#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
__attribute__((export_name("run")))
#endif
uint32_t run(uint32_t n);
