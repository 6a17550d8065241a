;; Asks for what "linked-base" does not have, or has otherwise.
(module
  (import "base" "absent" (func))
  (import "base" "double" (func (param i64)))
  (import "base" "takes" (func (param funcref)))
  (import "base" "counter" (func))
  (import "base" "memory" (memory 2))
  (import "base" "table" (table 11 funcref))
  (import "base" "table" (table 1 15 funcref))
  (import "base" "counter" (global i32))
  (import "base" "constant" (global i64))
  (import "base" "callback" (global funcref))
  (import "base" "gone" (global i32))
  (import "other" "memory" (global i32)))
