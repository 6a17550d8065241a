;; Imports nothing of Extism: only the manifest can say that it is a plugin of this kind.
(module
  (func (export "five") (result i32) (i32.const 5))
  (func (export "zero") (result i32) (i32.const 0)))
