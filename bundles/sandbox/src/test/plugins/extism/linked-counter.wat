;; Keeps a state: in a global and in its memory.
(module
  (memory 1)
  (global $count (mut i32) (i32.const 0))
  (func (export "_initialize") (i32.store (i32.const 8) (i32.const 48)))
  (func (export "next") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
    (if (i32.ne (i32.load (i32.const 8)) (i32.add (i32.const 48) (global.get $count))) (then unreachable))
    (i32.load (i32.const 8)))
  (func (export "unused")))
