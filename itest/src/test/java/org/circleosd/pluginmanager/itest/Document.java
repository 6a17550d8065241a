package org.circleosd.pluginmanager.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Markdown document as its fenced blocks and the text between them.
 *
 * @param file the document
 * @param blocks its fenced blocks, in their order
 * @param text the lines outside of them, each with its number before it
 */
record Document(Path file, List<Block> blocks, List<String> text) {

    private static final Pattern FENCE = Pattern.compile(" {0,3}```(\\S*)(?: +(\\S+))?\\s*");
    private static final Pattern NOT_RUN = Pattern.compile("<!-- not run: \\S.* -->");

    /**
     * A fenced block.
     *
     * @param place file and line, for messages
     * @param language the first word behind the fence
     * @param fileName the second one, or empty
     * @param isRun whether no {@code <!-- not run: reason -->} stands before it
     */
    record Block(String place, String language, String fileName, boolean isRun, List<String> lines) {

        String content() {
            return String.join("\n", lines) + "\n";
        }
    }

    static Document read(Path file) throws IOException {
        List<Block> blocks = new ArrayList<>();
        List<String> text = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        String before = "";
        for (int i = 0; i < lines.size(); i++) {
            Matcher fence = FENCE.matcher(lines.get(i));
            if (!fence.matches()) {
                text.add((i + 1) + ": " + lines.get(i));
                before = lines.get(i).isBlank() ? before : lines.get(i).strip();
                continue;
            }
            int end = i + 1;
            while (!lines.get(end).strip().equals("```")) {
                end++;
            }
            blocks.add(new Block(
                    file.getFileName() + ":" + (i + 1),
                    fence.group(1),
                    fence.group(2) == null ? "" : fence.group(2),
                    !NOT_RUN.matcher(before).matches(),
                    lines.subList(i + 1, end)));
            before = "";
            i = end;
        }
        return new Document(file, blocks, text);
    }

    /** Says whether a daemon is needed to try the document. */
    boolean hasExamples() {
        return blocks.stream()
                .anyMatch(block ->
                        block.isRun() && List.of("json-lines", "sh", "console").contains(block.language()));
    }
}
