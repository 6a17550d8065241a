package org.circleosd.pluginmanager.sandbox;

import java.util.function.Supplier;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.sandbox.module.ModuleInterface;

/**
 * One of the modules of a plugin.
 *
 * @param code gives the compiled module, or waits for it
 * @param shape of that module
 */
record LinkedCode(Supplier<WasmModule> code, ModuleInterface shape) {}
