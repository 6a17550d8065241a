;; Imports from a program, as another module does.
(module
  (import "tick" "tick" (func $tick (result i32)))
  (func (export "others") (result i32) (call $tick)))
