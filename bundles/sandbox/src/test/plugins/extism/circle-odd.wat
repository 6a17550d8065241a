;; The other half of the circle.
(module
  (import "main" "even" (func $even (param i32) (result i32)))
  (func (export "odd") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 0))
      (else (call $even (i32.sub (local.get 0) (i32.const 1)))))))
