#include <stdio.h>

void plugin_init(void);
void other_init(void);

void plugin_init(void) {
    printf("init ran\nsecond line");
}

void other_init(void) {
    printf("other init ran\n");
}
