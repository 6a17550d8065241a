;; Imports from a program, and from a module that does.
(module
  (import "tick" "tick" (func $tick (result i32)))
  (import "other" "others" (func $others (result i32)))
  (func (export "own") (result i32) (call $tick))
  (func (export "others") (result i32) (call $others)))
