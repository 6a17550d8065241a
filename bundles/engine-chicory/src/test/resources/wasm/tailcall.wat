;; A loop made of tail calls.
(module
  (import "test" "entered" (func $entered))
  (func $forever (param i32) (return_call $forever (i32.add (local.get 0) (i32.const 1))))
  (func (export "forever") (call $entered) (call $forever (i32.const 0))))
