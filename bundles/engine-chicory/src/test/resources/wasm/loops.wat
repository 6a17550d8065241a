;; Code that never ends on its own: a loop, a chain of calls, and a long fill.
(module
  (import "test" "entered" (func $entered))
  (memory 1)
  (func (export "loop") (call $entered) (loop $again (br $again)))
  (func (export "busy") (local i32)
    (call $entered)
    (loop $again
      (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (i32.store (i32.and (local.get 0) (i32.const 0xfffc)) (local.get 0))
      (br_if $again (i32.const 1))))
  (func $ping (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "calls") (local i32)
    (call $entered)
    (loop $again (local.set 0 (call $ping (local.get 0))) (br $again)))
  (func (export "answer") (result i32) (i32.const 42)))
