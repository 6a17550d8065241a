package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The exports of a library of macOS: a tree whose edges are parts of names. A node has the length of what it says of the
 * name that ends there, that itself, the number of its edges, and of each edge the text and where its node lies.
 */
final class MachOExports {

    private static final int KIND = 3;
    private static final int KIND_REGULAR = 0;
    private static final int REEXPORT = 8;
    private static final int MAX_NODES = 8 * FileBytes.MAX_SYMBOLS;
    private static final int MAX_NAME_BYTES = 64 << 20;

    private final FileBytes tree;
    private final MachOSections sections;
    private final BitSet seen = new BitSet();
    private final Deque<Node> todo = new ArrayDeque<>();
    private long at;
    private int nodes;
    private long nameBytes;

    MachOExports(FileBytes tree, MachOSections sections) {
        this.tree = tree;
        this.sections = sections;
    }

    /** Returns the name as C knows it: the linker writes an underscore before it. */
    static String nameInC(String symbol) {
        return symbol.startsWith("_") ? symbol.substring(1) : symbol;
    }

    void tell(Findings findings) {
        todo.push(new Node(0, null, "", 0));
        seen.set(0);
        while (!todo.isEmpty()) {
            read(todo.pop(), findings);
        }
    }

    private void read(Node node, Findings findings) {
        at = node.offset;
        long length = number();
        tree.require(at, length, "an export");
        long edges = at + length;
        if (length != 0) {
            long flags = number();
            boolean own = (flags & REEXPORT) == 0 && (flags & KIND) == KIND_REGULAR;
            if (own && sections.isCodeAt(number())) {
                findings.exportsFunction(nameInC(name(node)));
            }
        }
        int count = tree.unsignedByte(edges);
        at = edges + 1;
        for (int i = 0; i < count; i++) {
            String label = tree.text(at, tree.size());
            at = behind(label);
            add(number(), node, label);
        }
    }

    private void add(long offset, Node parent, String label) {
        tree.require(offset, 1, "an export");
        tree.requireAtMost(MAX_NODES, ++nodes, "parts of exported names");
        if (label.isEmpty() || seen.get((int) offset)) {
            throw tree.invalid("damaged: its exports are no tree of names");
        }
        seen.set((int) offset);
        todo.push(new Node(offset, parent, label, parent.nameLength + label.length()));
    }

    /** Many names may share a long beginning: a small file can name a lot. */
    private String name(Node node) {
        nameBytes += node.nameLength;
        tree.requireAtMost(MAX_NAME_BYTES, nameBytes, "bytes of exported names");
        char[] name = new char[node.nameLength];
        int start = name.length;
        for (Node part = node; part != null; part = part.parent) {
            start -= part.label.length();
            part.label.getChars(0, part.label.length(), name, start);
        }
        return new String(name);
    }

    /** Returns where that lies which follows the text at this place. */
    private long behind(String text) {
        // Its bytes are at least as many as its characters.
        long end = at + text.length();
        while (tree.unsignedByte(end) != 0) {
            end++;
        }
        return end + 1;
    }

    /** Reads a number of seven bits a byte, the lowest first. */
    private long number() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int next = tree.unsignedByte(at++);
            value |= (next & 0x7fL) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw tree.invalid("damaged: a number of its exports is too long");
    }

    private record Node(long offset, @Nullable Node parent, String label, int nameLength) {}
}
