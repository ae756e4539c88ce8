package io.github.binder4j.bench.report;

import java.util.ArrayList;
import java.util.List;

/** Rows with a name and figures, aligned, for a terminal of 120 columns: what is wider goes into further tables below. */
final class TextTable {
    private static final int WIDTH = 120;
    private static final int LONGEST_NAME = 44;
    private static final String GAP = "  ";

    private final String title;
    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * @param title stands above
     * @param header of the columns; the first is that of the names
     */
    TextTable(String title, List<String> header) {
        this.title = title;
        this.header = header;
    }

    /** Adds a row, whose first cell is its name. */
    void add(List<String> cells) {
        List<String> row = new ArrayList<>(cells);
        row.set(0, cut(row.get(0)));
        rows.add(row);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    private static String cut(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 2) + "..";
    }

    @Override
    public String toString() {
        if (rows.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        int column = 1;
        while (column < header.size()) {
            int end = column + 1;
            int width = width(0) + GAP.length() + width(column);
            while (end < header.size() && width + GAP.length() + width(end) <= WIDTH) {
                width += GAP.length() + width(end);
                end++;
            }
            text.append(title).append(column > 1 ? " (continued)" : "").append('\n');
            appendRow(text, header, column, end);
            for (List<String> row : rows) {
                appendRow(text, row, column, end);
            }
            text.append('\n');
            column = end;
        }
        return text.toString();
    }

    private void appendRow(StringBuilder text, List<String> row, int from, int to) {
        StringBuilder line = new StringBuilder(GAP).append(row.get(0));
        int end = GAP.length() + width(0);
        for (int column = from; column < to; column++) {
            end += GAP.length() + width(column);
            line.append(
                    " ".repeat(Math.max(1, end - line.length() - row.get(column).length())));
            line.append(row.get(column));
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private int width(int column) {
        int width = header.get(column).length();
        for (List<String> row : rows) {
            width = Math.max(width, row.get(column).length());
        }
        return column == 0 ? width + GAP.length() : width;
    }
}
