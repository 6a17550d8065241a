package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.types.Element;
import com.dylibso.chicory.wasm.types.MutabilityType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything in an instance that guest code can change, as it was at one moment. */
final class InstanceSnapshot {

    private final Instance instance;
    private final FlatMemory.@Nullable Image memory;
    private final List<GlobalImage> globals = new ArrayList<>();
    private final List<TableImage> tables = new ArrayList<>();
    private final Element[] elements;

    InstanceSnapshot(Instance instance, @Nullable FlatMemory memory) {
        this.instance = instance;
        this.memory = memory == null ? null : memory.capture();
        for (int i = 0; i < instance.globalCount(); i++) {
            GlobalInstance global = instance.global(i);
            if (global.getMutabilityType() == MutabilityType.Var) {
                globals.add(new GlobalImage(global, global.getValue()));
            }
        }
        for (int i = 0; i < instance.tableCount(); i++) {
            tables.add(new TableImage(instance.table(i)));
        }
        elements = new Element[instance.elementCount()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = instance.element(i);
        }
    }

    /** Returns false, and changes nothing, if a table grew since: Chicory cannot make it shorter. */
    boolean restore() {
        for (TableImage image : tables) {
            if (image.hasGrown()) {
                return false;
            }
        }
        if (memory != null) {
            memory.restore();
        }
        for (GlobalImage image : globals) {
            image.global().setValue(image.value());
        }
        for (TableImage image : tables) {
            image.restore();
        }
        for (int i = 0; i < elements.length; i++) {
            instance.setElement(i, elements[i]);
        }
        return true;
    }

    private record GlobalImage(GlobalInstance global, long value) {}

    private static final class TableImage {

        private final TableInstance table;
        private final int[] refs;
        private final @Nullable Instance[] owners;

        TableImage(TableInstance table) {
            this.table = table;
            this.refs = new int[table.size()];
            this.owners = new Instance[refs.length];
            for (int i = 0; i < refs.length; i++) {
                refs[i] = table.ref(i);
                owners[i] = table.instance(i);
            }
        }

        boolean hasGrown() {
            return table.size() != refs.length;
        }

        void restore() {
            for (int i = 0; i < refs.length; i++) {
                table.setRef(i, refs[i], owners[i]);
            }
        }
    }
}
