;; Imports greet with another type than the bundle's.
(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/user" "greet" (func $greet (param i32) (result i32)))
  (func (export "run") (result i32) (call $greet (i32.const 0))))
