;; Loops for ever in a reactor's initialisation.
(module
  (func (export "_initialize") (loop $again (br $again)))
  (func (export "seven") (result i32) (i32.const 7)))
