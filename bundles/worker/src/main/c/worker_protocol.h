/* How the daemon and a worker process speak. The words and the reasons are in wire/FrameKind.java; a test compares both.
 *
 * A frame is   u32 length of the body | u32 id | u32 kind | body,   all numbers big-endian.
 */
#ifndef WORKER_PROTOCOL_H
#define WORKER_PROTOCOL_H

#define PROTOCOL_VERSION 1
#define FRAME_HEAD_BYTES 12
#define MAX_LOG_BYTES (64 << 10)
/* A request of more is no request. */
#define MAX_REQUEST_BYTES (1u << 30)
/* Of one plugin. */
#define MAX_THREADS 1024

/* kinds, from the daemon */
#define FRAME_CONFINE 1
#define FRAME_LOAD 2
#define FRAME_THREADS 3
#define FRAME_INVOKE 4
#define FRAME_RUN 5
#define FRAME_UNLOAD 6
#define FRAME_VALUE 7
#define FRAME_PING 8
/* kinds, from the worker */
#define FRAME_READY 101
#define FRAME_CONFINED 102
#define FRAME_LOADED 103
#define FRAME_REFUSED 104
#define FRAME_RESULT 105
#define FRAME_UNLOADED 106
#define FRAME_PONG 107
#define FRAME_LOG 110
#define FRAME_GET 111
#define FRAME_PUT 112

/* steps of FRAME_CONFINED */
#define STEP_USER 1
#define STEP_PARENT_DEATH 2
#define STEP_EXACT_MEMORY 3
#define STEP_FILTER 4

/* stages of FRAME_REFUSED */
#define STAGE_OPEN 1
#define STAGE_VERSION 2
#define STAGE_ATTACH 3
#define STAGE_ENTRY 4

/* statuses of FRAME_RESULT */
#define STATUS_RETURNED 0
#define STATUS_TOO_LARGE 1
#define STATUS_NO_POINTER 2
#define STATUS_NO_FUNCTION 3
#define STATUS_NO_MEMORY 4

/* bits of the symbols of FRAME_LOAD */
#define SYMBOL_VERSION 1u
#define SYMBOL_ATTACH 2u
#define SYMBOL_INIT 4u
#define SYMBOL_DESCRIBE 8u
#define SYMBOL_INVOKE 16u
#define SYMBOL_FREE 32u
#define SYMBOL_SHUTDOWN 64u

#endif
