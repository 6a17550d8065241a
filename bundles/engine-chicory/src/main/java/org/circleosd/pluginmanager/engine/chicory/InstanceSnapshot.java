package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.Element;
import com.dylibso.chicory.wasm.types.MutabilityType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that an instance brought with it and guest code can change, as it was at one moment. What it imports belongs
 * to the snapshot of the instance that it comes from.
 */
final class InstanceSnapshot {

    private final Instance instance;
    private final FlatMemory.@Nullable Image memory;
    private final List<GlobalImage> globals = new ArrayList<>();
    private final List<TableSlots.Image> tables = new ArrayList<>();
    private final Element[] elements;

    InstanceSnapshot(Instance instance, @Nullable FlatMemory memory) {
        this.instance = instance;
        this.memory = memory == null ? null : memory.capture();
        for (int i = instance.imports().globalCount(); i < instance.globalCount(); i++) {
            GlobalInstance global = instance.global(i);
            if (global.getMutabilityType() == MutabilityType.Var) {
                globals.add(new GlobalImage(global, global.getValue()));
            }
        }
        for (int i = instance.imports().tableCount(); i < instance.tableCount(); i++) {
            if (instance.table(i) instanceof LinkableTable table) {
                tables.add(table.slots().capture());
            }
        }
        elements = new Element[instance.elementCount()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = instance.element(i);
        }
    }

    void restore() {
        if (memory != null) {
            memory.restore();
        }
        for (GlobalImage image : globals) {
            image.global().setValue(image.value());
        }
        for (TableSlots.Image image : tables) {
            image.restore();
        }
        for (int i = 0; i < elements.length; i++) {
            instance.setElement(i, elements[i]);
        }
    }

    private record GlobalImage(GlobalInstance global, long value) {}
}
