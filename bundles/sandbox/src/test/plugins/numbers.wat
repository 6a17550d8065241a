;; Raw ABI: numbers in, numbers out.
(module
  (func (export "add_i32") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "add_i64") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
  (func (export "add_f32") (param f32 f32) (result f32) (f32.add (local.get 0) (local.get 1)))
  (func (export "add_f64") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
  (func (export "divide_f64") (param f64 f64) (result f64) (f64.div (local.get 0) (local.get 1)))
  (func (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
  (func (export "nothing"))
  (func (export "seven") (result i32) (i32.const 7))
  (func $deeper (export "deeper") (result i32) (i32.add (call $deeper) (i32.const 1)))
  (func (export "reference") (param externref))
  (func (export "__internal") (result i32) (i32.const 1)))
