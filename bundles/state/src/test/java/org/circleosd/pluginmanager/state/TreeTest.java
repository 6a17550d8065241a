package org.circleosd.pluginmanager.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TreeTest {

    @Test
    void randomChanges_giveWhatASortedMapHas_andLeaveOlderTreesAlone() {
        Random random = new Random(1);
        TreeMap<String, Integer> map = new TreeMap<>();
        Tree<Integer> tree = Tree.empty();
        for (int i = 0; i < 5000; i++) {
            String key = "k" + random.nextInt(300);
            Tree<Integer> before = tree;
            Map<String, Integer> was = i % 500 == 0 ? content(before) : Map.of();
            if (random.nextInt(3) == 0) {
                map.remove(key);
                tree = tree.without(key);
            } else {
                map.put(key, i);
                tree = tree.with(key, i);
            }
            assertThat(tree.get(key)).isEqualTo(map.get(key));
            assertThat(tree.size()).isEqualTo(map.size());
            if (i % 500 == 0) {
                assertThat(content(before)).isEqualTo(was);
                assertThat(content(tree).entrySet()).containsExactlyElementsOf(map.entrySet());
            }
        }
        assertThat(content(Tree.of(map)).entrySet()).containsExactlyElementsOf(map.entrySet());
    }

    @Test
    void sortedKeys_makeNoDeepTree() {
        Tree<Integer> tree = Tree.empty();
        for (int i = 0; i < 4_000; i++) {
            tree = tree.with(String.valueOf(10_000 + i), i);
        }
        for (int i = 0; i < 4_000; i += 2) {
            tree = tree.without(String.valueOf(10_000 + i));
        }
        assertThat(tree.size()).isEqualTo(2_000);
        assertThat(tree.height()).isLessThan(17);
    }

    private static Map<String, Integer> content(Tree<Integer> tree) {
        Map<String, Integer> content = new LinkedHashMap<>();
        tree.forEach(content::put);
        return content;
    }
}
