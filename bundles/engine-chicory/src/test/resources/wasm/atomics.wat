(module (memory 1 1)
  (func (export "load") (param i32) (result i32) (i32.atomic.load (local.get 0))))
