/* An Extism plugin made with a C library: it prints, and it leaves by exit. */
#include "extism.h"
#include <stdio.h>
#include <stdlib.h>

static int constructed;

__attribute__((constructor)) static void construct(void) {
    constructed++;
}

EXPORT("print") int32_t print(void) {
    printf("printed %d\n", 1);
    x_output_number(constructed);
    return 0;
}

EXPORT("leave_well") int32_t leave_well(void) {
    x_output_text("left");
    exit(0);
}

EXPORT("leave_badly") int32_t leave_badly(void) {
    exit(3);
}

EXPORT("leave_with_text") int32_t leave_with_text(void) {
    x_error_set(x_text("I am off"));
    exit(0);
}
