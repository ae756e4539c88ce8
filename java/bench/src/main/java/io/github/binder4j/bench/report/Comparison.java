package io.github.binder4j.bench.report;

import io.github.binder4j.bench.result.Machine;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Results;
import io.github.binder4j.bench.result.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Two runs beside each other. */
final class Comparison {
    private final Figures before;
    private final Figures after;
    private final StringBuilder text = new StringBuilder();

    private Comparison(Figures before, Figures after) {
        this.before = before;
        this.after = after;
    }

    static String of(Results before, Results after) {
        Comparison comparison = new Comparison(new Figures(before), new Figures(after));
        comparison.differences();
        comparison.pairs();
        comparison.only("Only before", comparison.before, comparison.after);
        comparison.only("Only after", comparison.after, comparison.before);
        return TextReport.ascii(comparison.text.toString());
    }

    private void differences() {
        List<String> differences = new ArrayList<>();
        Machine one = before.machine();
        Machine other = after.machine();
        differ(differences, "processor", one.cpu(), other.cpu());
        differ(differences, "number of CPUs", one.cpus(), other.cpus());
        differ(differences, "pinned", one.pinned(), other.pinned());
        differ(differences, "virtualisation", one.virtualisation(), other.virtualisation());
        differ(differences, "kernel", one.kernel(), other.kernel());
        differ(differences, "driver", one.driver(), other.driver());
        differ(differences, "JDK", one.jdk(), other.jdk());
        differ(differences, "JVM options", one.jvmOptions(), other.jvmOptions());
        Settings settings = before.settings();
        Settings others = after.settings();
        differ(differences, "rounds", settings.rounds(), others.rounds());
        differ(differences, "milliseconds of a round", settings.millis(), others.millis());
        differ(differences, "calls of a round", settings.samples(), others.samples());
        differ(differences, "warm-up calls", settings.warmUpCalls(), others.warmUpCalls());
        if (!differences.isEmpty()) {
            text.append("WARNING: the runs differ in more than binder4j, so a change may come from there:\n");
            differences.forEach(line -> text.append(TextReport.wrap("  " + line, 4)));
            text.append('\n');
        }
        text.append(TextReport.wrap("before: " + described(before), 8));
        text.append(TextReport.wrap("after:  " + described(after), 8));
        text.append('\n');
    }

    private static void differ(List<String> differences, String what, Object before, Object after) {
        if (!Objects.equals(before, after)) {
            differences.add(what + ": before \"" + before + "\", after \"" + after + '"');
        }
    }

    private static String described(Figures figures) {
        Machine machine = figures.machine();
        return "binder4j " + Units.orUnknown(machine.source()) + ", " + Units.orUnknown(machine.date());
    }

    private void pairs() {
        TextTable table = new TextTable(
                "After / before; \"better\", \"worse\": by more than the rounds of a run lie apart; \"?\": one round, so not known",
                List.of("", "size", "p50", "", "p99", "", "rate", ""));
        int pairs = 0;
        for (Measurement one : before.measured(any -> true)) {
            Optional<Measurement> other = after.measured(isSame(one)).stream().findFirst();
            if (other.isPresent()) {
                table.add(row(one, other.get()));
                pairs++;
            }
        }
        text.append(pairs == 0 ? "Nothing was measured in both runs.\n\n" : table.toString());
    }

    private static Predicate<Measurement> isSame(Measurement one) {
        return other -> other.transport().equals(one.transport()) && other.isSameWorkAs(one);
    }

    private static List<String> row(Measurement before, Measurement after) {
        List<String> row = new ArrayList<>();
        row.add(before.transport() + " " + Groups.work(before));
        row.add(Units.size(before.sizeBytes()));
        boolean isTimed = before.latency() != null && after.latency() != null;
        addChange(row, isTimed, false, Sample::p50, before, after);
        addChange(row, isTimed, false, Sample::p99, before, after);
        addChange(row, true, true, Sample::rate, before, after);
        return row;
    }

    private static void addChange(
            List<String> row,
            boolean isKnown,
            boolean isMoreBetter,
            Function<Measurement, Sample> figure,
            Measurement before,
            Measurement after) {
        Sample old = figure.apply(before);
        Sample now = figure.apply(after);
        double ratio = now.value() / old.value();
        row.add(isKnown && Double.isFinite(ratio) ? Units.ratio(ratio) : "-");
        row.add(
                isKnown && Double.isFinite(ratio)
                        ? mark(ratio, Math.max(old.spread(), now.spread()), isMoreBetter)
                        : "");
    }

    /** Says which way a figure went, if it went further than chance takes it. */
    private static String mark(double ratio, double spread, boolean isMoreBetter) {
        if (Double.isNaN(spread)) {
            return "?";
        }
        if (Math.abs(ratio - 1) <= spread) {
            return "";
        }
        return ratio > 1 == isMoreBetter ? "better" : "worse";
    }

    private void only(String title, Figures here, Figures there) {
        Map<String, List<String>> alone = new LinkedHashMap<>();
        for (Measurement one : here.measured(any -> there.measured(isSame(any)).isEmpty())) {
            String work = one.transport() + ", " + Groups.work(one);
            alone.computeIfAbsent(work, key -> new ArrayList<>()).add(Units.size(one.sizeBytes()));
        }
        if (!alone.isEmpty()) {
            text.append(title).append('\n');
            alone.forEach(
                    (work, sizes) -> text.append(TextReport.wrap("  " + work + ": " + String.join(", ", sizes), 4)));
            text.append('\n');
        }
    }
}
