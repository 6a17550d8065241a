;; Imports everything that "linked-base" has to give. The locals of "call" are there for a test to make them many more.
(module
  (type $getter (func (result i32)))
  (type $other (func (param i64) (result i32)))
  (type $unary (func (param i32) (result i32)))
  (import "base" "double" (func $double (type $unary)))
  (import "base" "ask" (func $ask (type $unary)))
  (import "base" "host" (func $reexported (type $unary)))
  (import "base" "two" (func $two (param i32 i64) (result i64 i32)))
  (import "base" "trap" (func $trap))
  (import "base" "memory" (memory 1))
  (import "base" "table" (table $t 5 funcref))
  (import "base" "counter" (global $counter (mut i32)))
  (import "base" "constant" (global $constant i32))
  (import "test" "host" (func $host (type $unary)))
  (table $own 4 funcref)
  (elem (table $t) (i32.const 4) func $triple $nine $host $ask $wide)
  (elem (table $own) (i32.const 0) func $nine)
  (data (i32.const 8) "user")
  (data $word "USER")
  (export "memory" (memory 0))
  (export "table" (table $t))
  (export "double" (func $double))
  (func $triple (type $unary) (i32.mul (local.get 0) (i32.const 3)))
  (func $nine (type $getter) (i32.const 9))
  (func $wide (type $other) (i32.const 64))
  (func (export "sum") (result i32) (i32.add (global.get $counter) (global.get $constant)))
  (func (export "setCounter") (param i32) (global.set $counter (local.get 0)))
  (func (export "ask") (type $unary) (call $ask (local.get 0)))
  (func (export "askOwn") (type $unary) (call $host (local.get 0)))
  (func (export "askReexported") (type $unary) (call $reexported (local.get 0)))
  (func (export "swap") (param i32 i64) (result i64 i32) (call $two (local.get 0) (local.get 1)))
  (func (export "trap") (call $trap))
  (func (export "call") (param i32 i32) (result i32)
    (local
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64)
    (call_indirect $t (type $unary) (local.get 1) (local.get 0)))
  (func (export "get") (param i32) (result i32) (call_indirect $t (type $getter) (local.get 0)))
  (func (export "getOwn") (param i32) (result i32) (call_indirect $own (type $getter) (local.get 0)))
  (func (export "set") (param i32 i32) (table.set $t (local.get 0) (table.get $t (local.get 1))))
  (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copyToOwn") (param i32 i32 i32) (table.copy $own $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "fill") (param i32 i32 i32)
    (table.fill $t (local.get 0) (table.get $t (local.get 1)) (local.get 2)))
  (func (export "growTable") (param i32 i32) (result i32) (table.grow $t (table.get $t (local.get 0)) (local.get 1)))
  (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "poke") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) (memory.size))
  (func (export "word") (param i32) (memory.init $word (local.get 0) (i32.const 0) (i32.const 4)))
  (func (export "dropWord") (data.drop $word)))
