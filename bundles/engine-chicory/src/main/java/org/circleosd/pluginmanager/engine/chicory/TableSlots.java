package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The content of a table, which several instances may see. */
final class TableSlots {

    private final ValType type;
    private final TableLimits limits;
    private int[] refs;
    private @Nullable Instance[] owners;

    TableSlots(ValType type, TableLimits limits) {
        this.type = type;
        this.limits = limits;
        this.refs = new int[(int) limits.min()];
        this.owners = new Instance[refs.length];
        Arrays.fill(refs, Value.REF_NULL_VALUE);
    }

    ValType type() {
        return type;
    }

    /** The engine reads the present size out of their minimum. */
    TableLimits limits() {
        return limits;
    }

    int size() {
        return refs.length;
    }

    int ref(int index) {
        return refs[index];
    }

    /** Returns the instance by whose numbers {@link #ref} is to be read; null for an empty slot. */
    @Nullable
    Instance owner(int index) {
        return owners[index];
    }

    void set(int index, int ref, @Nullable Instance owner) {
        refs[index] = ref;
        owners[index] = owner;
    }

    void fill(int ref, @Nullable Instance owner) {
        Arrays.fill(refs, ref);
        Arrays.fill(owners, owner);
    }

    /** Returns the size before, or -1 if there is no room. */
    int grow(int more, int ref, @Nullable Instance owner) {
        int before = refs.length;
        if (more < 0 || more > limits.max() - before) {
            return -1;
        }
        resize(Arrays.copyOf(refs, before + more), Arrays.copyOf(owners, before + more));
        Arrays.fill(refs, before, refs.length, ref);
        Arrays.fill(owners, before, refs.length, owner);
        return before;
    }

    private void resize(int[] newRefs, @Nullable Instance[] newOwners) {
        limits.grow(newRefs.length - refs.length);
        refs = newRefs;
        owners = newOwners;
    }

    Image capture() {
        return new Image();
    }

    /** The table as it was at one moment. */
    final class Image {

        private final int[] capturedRefs = refs.clone();
        private final @Nullable Instance[] capturedOwners = owners.clone();

        private Image() {}

        void restore() {
            if (refs.length != capturedRefs.length) {
                resize(capturedRefs.clone(), capturedOwners.clone());
            } else {
                System.arraycopy(capturedRefs, 0, refs, 0, refs.length);
                System.arraycopy(capturedOwners, 0, owners, 0, owners.length);
            }
        }
    }
}
