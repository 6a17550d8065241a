;; A loop made of tail calls.
(module
  (func $forever (export "forever") (param i32)
    (return_call $forever (i32.add (local.get 0) (i32.const 1)))))
