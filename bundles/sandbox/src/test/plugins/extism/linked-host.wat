;; Is the user's host for another module.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  ;; A block with the upper case of another block's first letter.
  (func (export "upper") (param $block i64) (result i64)
    (local $new i64)
    (local.set $new (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $new) (i32.sub (call $load_u8 (local.get $block)) (i32.const 32)))
    (local.get $new))
  (func (export "setting") (param $block i64) (result i64) (call $config_get (local.get $block))))
