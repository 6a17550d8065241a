;; Loops for ever while it is instantiated.
(module
  (func $begin (loop $again (br $again)))
  (func (export "seven") (result i32) (i32.const 7))
  (start $begin))
