/* Needs two functions that no host has. */
#include <stdint.h>

__attribute__((import_module("env"), import_name("mystery"))) int mystery(int value);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_teleport"))) int teleport(int fd);

__attribute__((export_name("handle"))) int handle(int value) {
    return mystery(value) + teleport(value);
}
