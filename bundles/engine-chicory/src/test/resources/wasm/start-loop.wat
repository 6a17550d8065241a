;; A start function that never ends.
(module
  (import "test" "entered" (func $entered))
  (func $begin (call $entered) (loop $again (br $again)))
  (start $begin))
