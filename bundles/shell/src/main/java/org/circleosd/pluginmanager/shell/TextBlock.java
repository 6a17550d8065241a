package org.circleosd.pluginmanager.shell;

import java.util.ArrayList;
import java.util.List;

/** Names and values, one pair a line, the values below each other. */
final class TextBlock {

    private static final int LEAST_WIDTH = 12;

    private final List<Member> members = new ArrayList<>();

    void add(String name, String value) {
        members.add(new Member(SafeText.line(name), SafeText.line(value)));
    }

    String render() {
        int width = members.stream().mapToInt(member -> member.name().length()).reduce(LEAST_WIDTH, Math::max);
        StringBuilder block = new StringBuilder();
        for (Member member : members) {
            String gap = " ".repeat(width + 1 - member.name().length());
            block.append((member.name() + gap + member.value()).stripTrailing()).append('\n');
        }
        return block.toString();
    }

    private record Member(String name, String value) {}
}
