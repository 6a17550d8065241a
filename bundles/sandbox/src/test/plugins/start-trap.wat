;; Traps while it is instantiated.
(module
  (func $begin (unreachable))
  (func (export "seven") (result i32) (i32.const 7))
  (start $begin))
