;; A start function that traps.
(module
  (func $begin unreachable)
  (start $begin))
