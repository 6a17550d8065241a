package org.circleosd.pluginmanager.state;

import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A sorted map that never changes: a change makes a new one that shares nearly everything with the old. So whoever
 * reads, or writes a snapshot, keeps what it has while commits go on. An AVL tree.
 *
 * @param <V> the values
 */
final class Tree<V> {

    private static final Tree<?> EMPTY = new Tree<>(null);

    private final @Nullable Node<V> root;

    private Tree(@Nullable Node<V> root) {
        this.root = root;
    }

    @SuppressWarnings("unchecked") // it has no values
    static <V> Tree<V> empty() {
        return (Tree<V>) EMPTY;
    }

    /** Makes a balanced tree of a map, in one pass. */
    static <V> Tree<V> of(NavigableMap<String, V> map) {
        return new Tree<>(balanced(map.entrySet().iterator(), map.size()));
    }

    /** Returns the length of the longest way down, in nodes. */
    int height() {
        return height(root);
    }

    int size() {
        return size(root);
    }

    @Nullable
    V get(String key) {
        Node<V> node = root;
        while (node != null) {
            int order = key.compareTo(node.key);
            if (order == 0) {
                return node.value;
            }
            node = order < 0 ? node.left : node.right;
        }
        return null;
    }

    Tree<V> with(String key, V value) {
        return new Tree<>(with(root, key, value));
    }

    Tree<V> without(String key) {
        return get(key) == null ? this : new Tree<>(without(root, key));
    }

    /** Visits all, sorted by key. */
    void forEach(BiConsumer<String, V> visitor) {
        visit(root, visitor);
    }

    private static <V> void visit(@Nullable Node<V> node, BiConsumer<String, V> visitor) {
        if (node != null) {
            visit(node.left, visitor);
            visitor.accept(node.key, node.value);
            visit(node.right, visitor);
        }
    }

    private static <V> @Nullable Node<V> balanced(Iterator<Map.Entry<String, V>> sorted, int size) {
        if (size == 0) {
            return null;
        }
        Node<V> left = balanced(sorted, size / 2);
        Map.Entry<String, V> middle = sorted.next();
        return new Node<>(middle.getKey(), middle.getValue(), left, balanced(sorted, size - size / 2 - 1));
    }

    private static <V> Node<V> with(@Nullable Node<V> node, String key, V value) {
        if (node == null) {
            return new Node<>(key, value, null, null);
        }
        int order = key.compareTo(node.key);
        if (order == 0) {
            return new Node<>(key, value, node.left, node.right);
        }
        return order < 0
                ? join(node, with(node.left, key, value), node.right)
                : join(node, node.left, with(node.right, key, value));
    }

    private static <V> @Nullable Node<V> without(@Nullable Node<V> node, String key) {
        if (node == null) {
            return null;
        }
        int order = key.compareTo(node.key);
        if (order < 0) {
            return join(node, without(node.left, key), node.right);
        }
        if (order > 0) {
            return join(node, node.left, without(node.right, key));
        }
        if (node.left == null || node.right == null) {
            return node.left == null ? node.right : node.left;
        }
        Node<V> next = node.right;
        while (next.left != null) {
            next = next.left;
        }
        return join(next, node.left, without(node.right, next.key));
    }

    /** Makes a node of two trees whose heights differ by two at most. */
    private static <V> Node<V> join(Node<V> middle, @Nullable Node<V> left, @Nullable Node<V> right) {
        if (left != null && height(left) > height(right) + 1) {
            if (left.right != null && height(left.right) > height(left.left)) {
                Node<V> top = left.right;
                return new Node<>(top, new Node<>(left, left.left, top.left), new Node<>(middle, top.right, right));
            }
            return new Node<>(left, left.left, new Node<>(middle, left.right, right));
        }
        if (right != null && height(right) > height(left) + 1) {
            if (right.left != null && height(right.left) > height(right.right)) {
                Node<V> top = right.left;
                return new Node<>(top, new Node<>(middle, left, top.left), new Node<>(right, top.right, right.right));
            }
            return new Node<>(right, new Node<>(middle, left, right.left), right.right);
        }
        return new Node<>(middle, left, right);
    }

    private static int height(@Nullable Node<?> node) {
        return node == null ? 0 : node.height;
    }

    private static int size(@Nullable Node<?> node) {
        return node == null ? 0 : node.size;
    }

    private static final class Node<V> {

        final String key;
        final V value;
        final @Nullable Node<V> left;
        final @Nullable Node<V> right;
        final int height;
        final int size;

        Node(String key, V value, @Nullable Node<V> left, @Nullable Node<V> right) {
            this.key = key;
            this.value = value;
            this.left = left;
            this.right = right;
            height = Math.max(height(left), height(right)) + 1;
            size = size(left) + size(right) + 1;
        }

        Node(Node<V> entry, @Nullable Node<V> left, @Nullable Node<V> right) {
            this(entry.key, entry.value, left, right);
        }
    }
}
