;; Imports a memory and has one.
(module (import "base" "memory" (memory 1)) (memory 1))
