package org.circleosd.pluginmanager.engine.chicory;

import static java.util.Objects.requireNonNull;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionSection;
import com.dylibso.chicory.wasm.types.TypeSection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.engine.chicory.FunctionRefs.Target;
import org.jspecify.annotations.Nullable;

/**
 * Calls functions of other instances out of a shared table. For {@code call_indirect}, Chicory looks up the caller's
 * type index in the types of the module that it calls, where it means another type or none. So a caller is not shown
 * the other instance but a relay, which has the caller's types and one function of each, and passes the call on.
 */
final class ForeignCalls {

    /** @param relayed the relay's function that has the type of the target */
    private record Call(int relayed, WasmFunctionHandle target) {}

    private final Instance caller;
    private final Instance relay;
    private final Map<Target, Call> known = new HashMap<>();

    /** What the relay passes its next call to. The engine looks a function up, then calls it, and nothing between. */
    private @Nullable WasmFunctionHandle next;

    ForeignCalls(Instance caller) {
        this.caller = caller;
        this.relay = Instance.builder(relayModule(caller.module().typeSection()))
                .withMachineFactory(made -> (index, args) -> relay(args))
                .withStart(false)
                .build();
    }

    private static WasmModule relayModule(TypeSection types) {
        FunctionSection.Builder functions = FunctionSection.builder();
        CodeSection.Builder code = CodeSection.builder();
        for (int i = 0; i < types.subTypeCount(); i++) {
            functions.addFunctionType(i);
            code.addFunctionBody(new FunctionBody(List.of(), List.of()));
        }
        return WasmModule.builder()
                .setTypeSection(types)
                .setFunctionSection(functions.build())
                .setCodeSection(code.build())
                .withValidation(false)
                .build();
    }

    private long[] relay(long[] args) {
        return requireNonNull(next, "a call that was not looked up").apply(caller, args);
    }

    Instance relay() {
        return relay;
    }

    /** Returns the index of the relay's function that calls the target, if it is called at once. */
    int prepare(Target target) {
        Call call = known.computeIfAbsent(
                target, unknown -> new Call(relayed(unknown), handle(unknown.owner(), unknown.index())));
        next = call.target();
        return call.relayed();
    }

    private int relayed(Target target) {
        TypeSection own = caller.module().typeSection();
        TypeSection theirs = target.owner().module().typeSection();
        int[] above = {target.owner().functionType(target.index())};
        while (above.length > 0) {
            for (int i = 0; i < own.subTypeCount(); i++) {
                if (TypeSection.crossModuleCanonicallyEquivalent(theirs, above[0], own, i)) {
                    return i;
                }
            }
            above = theirs.getSubType(above[0]).typeIdx();
        }
        // Whatever type the caller expects, this function does not have it.
        throw new ChicoryException("indirect call type mismatch");
    }

    /** Returns what runs a function; one that its instance imports itself is traced back to where it comes from. */
    static WasmFunctionHandle handle(Instance owner, int index) {
        return index < owner.imports().functionCount()
                ? owner.imports().function(index).handle()
                : (instance, args) -> owner.getMachine().call(index, args);
    }
}
