package io.github.binder4j.binderfs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A line of a log, stripped, and the lines below it that are indented further: what belongs to it. */
record Block(String line, int indent, List<Block> children) {

    /** The blocks that are indented least of all. Empty lines are none. */
    static List<Block> parse(String text) {
        Block root = new Block("", -1, new ArrayList<>());
        Deque<Block> open = new ArrayDeque<>();
        open.push(root);
        text.lines().filter(line -> !line.isBlank()).forEach(line -> {
            Block block = new Block(line.strip(), indent(line), new ArrayList<>());
            while (open.element().indent >= block.indent) {
                open.pop();
            }
            open.element().children.add(block);
            open.push(block);
        });
        return root.children;
    }

    private static int indent(String line) {
        return line.length() - line.stripLeading().length();
    }

    /** This line and all below it, in their order. */
    void collectLines(List<String> lines) {
        Deque<Block> left = new ArrayDeque<>(List.of(this)); // not by calling itself: any text may be nested any depth
        while (!left.isEmpty()) {
            Block next = left.pop();
            lines.add(next.line);
            for (int i = next.children.size() - 1; i >= 0; i--) {
                left.push(next.children.get(i));
            }
        }
    }
}
