package org.circleosd.pluginmanager.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jline.utils.WCWidth;

/**
 * Rows of text in columns as wide as they need. When the terminal is narrower, the widest columns are cut, but never the
 * first, which names the row.
 */
final class TextTable {

    private static final String GAP = "  ";
    private static final String CUT = "...";
    /** No column is cut below this. */
    private static final int NARROWEST = 6;

    private final List<List<String>> rows = new ArrayList<>();
    private final int columns;

    TextTable(String... headings) {
        columns = headings.length;
        rows.add(List.of(headings));
    }

    /** Adds a row with a cell for each heading; cells are made safe to print. */
    void row(String... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns + " columns");
        }
        rows.add(Arrays.stream(cells).map(SafeText::line).toList());
    }

    /**
     * Lays the table out.
     *
     * @param width columns of the terminal; 0 for as wide as needed
     * @return lines that each end with a newline but the last
     */
    String render(int width) {
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        if (width > 0) {
            shrink(widths, width - GAP.length() * (columns - 1));
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String cell = cut(row.get(i), widths[i]);
                line.append(cell).append(" ".repeat(widths[i] - width(cell))).append(GAP);
            }
            lines.add(line.toString().stripTrailing());
        }
        return String.join("\n", lines);
    }

    private static void shrink(int[] widths, int room) {
        while (Arrays.stream(widths).sum() > room) {
            int widest = widths.length - 1;
            for (int i = widest - 1; i > 0; i--) {
                widest = widths[i] > widths[widest] ? i : widest;
            }
            if (widest == 0 || widths[widest] <= NARROWEST) {
                return;
            }
            widths[widest]--;
        }
    }

    private static String cut(String cell, int room) {
        if (width(cell) <= room) {
            return cell;
        }
        StringBuilder kept = new StringBuilder();
        int left = room - CUT.length();
        for (int c : cell.codePoints().toArray()) {
            left -= width(c);
            if (left < 0) {
                break;
            }
            kept.appendCodePoint(c);
        }
        return kept.append(CUT).toString();
    }

    private static int width(String text) {
        return text.codePoints().map(TextTable::width).sum();
    }

    private static int width(int c) {
        return Math.max(0, WCWidth.wcwidth(c));
    }
}
