package io.github.binder4j.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The figures that one budget is judged by, and what is missing among them. */
final class Evidence {
    private static final int MOST_NAMED = 8;

    private final List<Found> found = new ArrayList<>();
    private final Set<String> missing = new LinkedHashSet<>();
    private final List<String> remarks = new ArrayList<>();

    /** A figure and where it was found, such as a size. */
    record Found(String where, Sample sample) {}

    /** Takes a figure, unless it is unknown. */
    void add(String where, Sample sample) {
        if (sample.isKnown()) {
            found.add(new Found(where, sample));
        }
    }

    /** Says why a figure cannot be had. */
    void missing(String why) {
        missing.add(why);
    }

    void remark(String remark) {
        remarks.add(remark);
    }

    boolean isKnown() {
        return !found.isEmpty();
    }

    /** Whether nothing is missing that the budget covers. */
    boolean isWhole() {
        return missing.isEmpty();
    }

    List<Found> found() {
        return found;
    }

    /** Why nothing could be judged. */
    String whyNot() {
        return missing.isEmpty() ? "this run has no such measurement" : String.join("; ", missing);
    }

    /** What a reader should know beside the figure that decides. */
    String notes(Limit limit, Found decisive) {
        List<String> notes = new ArrayList<>(remarks);
        List<String> others = found.stream()
                .filter(one -> one != decisive)
                .map(one -> one.where() + " " + limit.figure(one.sample().value()))
                .toList();
        if (others.size() > MOST_NAMED) {
            notes.add(others.size() + " others, none worse");
        } else if (!others.isEmpty()) {
            notes.add(String.join(", ", others));
        }
        if (!missing.isEmpty()) {
            notes.add("not compared: " + String.join("; ", missing));
        }
        return String.join(". ", notes);
    }
}
