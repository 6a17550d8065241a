(module (func (export "pass") (param v128) (result v128) (local.get 0)))
