;; A program: whoever imports from it gets one of its own, and its start is not run.
(module
  (global $ticks (mut i32) (i32.const 0))
  (func (export "_start") unreachable)
  (func (export "tick") (result i32)
    (global.set $ticks (i32.add (global.get $ticks) (i32.const 1)))
    (global.get $ticks)))
