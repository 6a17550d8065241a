;; Imports from "linked-user" what that imports itself, with a third order of types.
(module
  (type $other (func (param i64) (result i32)))
  (type $unary (func (param i32) (result i32)))
  (import "user" "memory" (memory 1))
  (import "user" "table" (table $t 1 funcref))
  (import "user" "double" (func $double (type $unary)))
  (func (export "double") (type $unary) (call $double (local.get 0)))
  (func (export "call") (param i32 i32) (result i32) (call_indirect $t (type $unary) (local.get 1) (local.get 0)))
  (func (export "poke") (param i32 i32) (i32.store8 (local.get 0) (local.get 1))))
