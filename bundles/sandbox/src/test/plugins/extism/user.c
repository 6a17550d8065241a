/* Calls functions that bundles offer. */
#include "extism.h"

__attribute__((import_module("extism:host/user"), import_name("greet"))) handle greet(handle name);
__attribute__((import_module("calculator"), import_name("add"))) uint32_t add(uint32_t a, uint32_t b);

EXPORT("hello") int32_t hello(void) {
    x_output(greet(x_input_offset()));
    return 0;
}

EXPORT("sum") int32_t sum(void) {
    x_output_number(add(40, 2));
    return 0;
}
