package org.circleosd.pluginmanager.engine.chicory;

import static com.dylibso.chicory.wasm.types.Value.REF_NULL_VALUE;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.ValType;
import org.circleosd.pluginmanager.engine.chicory.FunctionRefs.Target;
import org.jspecify.annotations.Nullable;

/**
 * A table as one instance sees it: function references in the instance's own numbers, see {@link FunctionRefs}. The
 * instances that share a table share its {@link TableSlots}.
 */
final class LinkableTable extends TableInstance {

    private final TableSlots slots;
    private final FunctionRefs functions;

    LinkableTable(TableSlots slots, FunctionRefs functions) {
        super(new Table(slots.type(), new TableLimits(0, 0)), REF_NULL_VALUE);
        this.slots = slots;
        this.functions = functions;
    }

    TableSlots slots() {
        return slots;
    }

    @Override
    public int size() {
        return slots.size();
    }

    @Override
    public ValType elementType() {
        return slots.type();
    }

    @Override
    public TableLimits limits() {
        return slots.limits();
    }

    @Override
    public int grow(int more, int value, @Nullable Instance instance) {
        Target target = target(value);
        return target == null
                ? slots.grow(more, REF_NULL_VALUE, null)
                : slots.grow(more, target.index(), target.owner());
    }

    @Override
    public int ref(int index) {
        Instance owner = owner(index);
        return owner == null ? REF_NULL_VALUE : functions.number(new Target(owner, slots.ref(index)));
    }

    /** Called for {@code call_indirect} only. */
    @Override
    public int requiredRef(int index) {
        Instance owner = owner(index);
        if (owner == null) {
            throw new ChicoryException("uninitialized element " + index);
        }
        int ref = slots.ref(index);
        return functions.isOwn(owner) ? ref : functions.calls().prepare(new Target(owner, ref));
    }

    /**
     * Says whom to ask for the function of {@link #requiredRef}: null for the caller itself. Chicory's
     * {@code table.copy} asks too, for the wrong slot, and gives the answer to {@link #setRef}, which ignores it.
     */
    @Override
    public @Nullable Instance instance(int index) {
        Instance owner = index < 0 || index >= slots.size() ? null : slots.owner(index);
        return owner == null || functions.isOwn(owner)
                ? null
                : functions.calls().relay();
    }

    /** @param instance ignored: the number says whose function it is */
    @Override
    public void setRef(int index, int value, @Nullable Instance instance) {
        if (index < 0 || index >= slots.size()) {
            throw new UninstantiableException("out of bounds table access");
        }
        Target target = target(value);
        if (target == null) {
            slots.set(index, REF_NULL_VALUE, null);
        } else {
            slots.set(index, target.index(), target.owner());
        }
    }

    /** Gives every slot the same function, or none. */
    void fill(int value) {
        Target target = target(value);
        if (target == null) {
            slots.fill(REF_NULL_VALUE, null);
        } else {
            slots.fill(target.index(), target.owner());
        }
    }

    @Override
    public void reset() {
        fill(REF_NULL_VALUE);
    }

    private @Nullable Target target(int value) {
        return value == REF_NULL_VALUE ? null : functions.target(value);
    }

    private @Nullable Instance owner(int index) {
        if (index < 0 || index >= slots.size()) {
            throw new ChicoryException("undefined element");
        }
        return slots.owner(index);
    }
}
