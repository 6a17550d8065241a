;; Bytes ABI: one function for each way to take more than one's share.
(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 2)
  (table $table 1 funcref)

  ;; Where a vector of 64 KiB for fd_write stands, and one that claims 4 GiB.
  (data (i32.const 16) "\00\00\00\00\00\00\01\00\00\00\00\00\ff\ff\ff\ff")
  ;; A subscription to the monotonic clock, for one hour from now.
  (data (i32.const 64)
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\00\a0\b8\30\46\03\00\00")

  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $nothing (result i64) (i64.const 0))

  (func (export "loop") (param i32 i32) (result i64)
    (loop $again (br $again))
    (call $nothing))

  (func (export "fill") (param i32 i32) (result i64)
    (drop (memory.grow (i32.const 100)))
    (loop $again
      (memory.fill (i32.const 0) (i32.const 7) (i32.mul (memory.size) (i32.const 65536)))
      (br $again))
    (call $nothing))

  (func (export "copy") (param i32 i32) (result i64)
    (loop $again
      (memory.copy (i32.const 0) (i32.const 1) (i32.const 131071))
      (br $again))
    (call $nothing))

  (func $deeper (param i32) (result i32)
    (i32.add (i32.const 1) (call $deeper (i32.add (local.get 0) (i32.const 1)))))
  (func (export "recurse") (param i32 i32) (result i64)
    (i64.extend_i32_u (call $deeper (i32.const 0))))

  (func (export "grow_memory") (param i32 i32) (result i64)
    (loop $again
      (drop (memory.grow (i32.const 1)))
      (br $again))
    (call $nothing))

  ;; Grows the table until the host says no.
  (func (export "grow_table") (param i32 i32) (result i64)
    (loop $again
      (br_if $again (i32.ne (i32.const -1) (table.grow $table (ref.null func) (i32.const 1000000)))))
    (call $nothing))

  (func (export "grow_table_for_ever") (param i32 i32) (result i64)
    (loop $again
      (drop (table.grow $table (ref.null func) (i32.const 1)))
      (br $again))
    (call $nothing))

  (func (export "clock_flood") (param i32 i32) (result i64)
    (loop $again
      (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 256)))
      (br $again))
    (call $nothing))

  (func (export "random_flood") (param i32 i32) (result i64)
    (loop $again
      (drop (call $random (i32.const 0) (i32.const 131072)))
      (br $again))
    (call $nothing))

  ;; Traps unless the host refuses a length that no memory has.
  (func (export "random_huge") (param i32 i32) (result i64)
    (if (i32.eqz (call $random (i32.const 0) (i32.const -1))) (then (unreachable)))
    (if (i32.eqz (call $random (i32.const -8) (i32.const 16))) (then (unreachable)))
    (if (i32.eqz (call $write (i32.const 2) (i32.const 24) (i32.const 1) (i32.const 256))) (then (unreachable)))
    (if (i32.eqz (call $write (i32.const 2) (i32.const 16) (i32.const -1) (i32.const 256))) (then (unreachable)))
    (call $nothing))

  (func (export "log_flood") (param i32 i32) (result i64)
    (loop $again
      (drop (call $write (i32.const 2) (i32.const 16) (i32.const 1) (i32.const 256)))
      (br $again))
    (call $nothing))

  (func (export "sleep") (param i32 i32) (result i64)
    (drop (call $poll (i32.const 64) (i32.const 512) (i32.const 1) (i32.const 256)))
    (call $nothing))

  (func (export "sleep_again") (param i32 i32) (result i64)
    (loop $again
      (drop (call $poll (i32.const 64) (i32.const 512) (i32.const 1) (i32.const 256)))
      (br $again))
    (call $nothing)))
