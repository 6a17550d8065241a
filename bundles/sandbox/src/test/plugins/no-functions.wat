;; Memory and an allocator, but nothing to call.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "odd") (param i32) (result i64) (i64.const 0)))
