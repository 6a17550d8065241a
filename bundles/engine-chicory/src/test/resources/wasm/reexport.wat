;; An imported function exported again.
(module
  (import "test" "double" (func $double (param i32) (result i32)))
  (export "double" (func $double)))
