;; Imports of every kind that a host can lack.
(module
  (import "env" "missing" (func (param i32 i64) (result f32)))
  (import "env" "mistyped" (func (param i32)))
  (import "env" "memory" (memory 1))
  (import "env" "table" (table 1 funcref))
  (import "env" "global" (global i32)))
