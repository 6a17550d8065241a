;; Both __wasm_call_ctors and _initialize: the first one only is to run.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (global $trace (mut i32) (i32.const 0))
  (func (export "__wasm_call_ctors")
    (global.set $trace (i32.add (i32.mul (global.get $trace) (i32.const 10)) (i32.const 1))))
  (func (export "_initialize")
    (global.set $trace (i32.add (i32.mul (global.get $trace) (i32.const 10)) (i32.const 2))))
  ;; The digit of what ran.
  (func (export "trace") (result i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (i32.add (i32.const 48) (global.get $trace)))
    (call $output_set (local.get $block) (i64.const 1))
    (i32.const 0)))
