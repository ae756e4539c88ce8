package io.github.binder4j.bench.report;

import io.github.binder4j.bench.report.Budgets.State;
import io.github.binder4j.bench.report.Budgets.Verdict;
import io.github.binder4j.bench.report.Evidence.Found;
import java.util.Comparator;
import java.util.function.Function;

/**
 * One promise: a limit, and where the figures come from that are held against it.
 *
 * @param name what is compared
 * @param limit of it
 * @param evidence finds the figures; the worst of them decides
 */
record Budget(String name, Limit limit, Function<Figures, Evidence> evidence) {
    Verdict judge(Figures figures) {
        Evidence known = evidence.apply(figures);
        return known.found().stream()
                .max(Comparator.comparingDouble(one -> limit.share(one.sample().value())))
                .map(worst -> verdict(known, worst))
                .orElseGet(() -> new Verdict(
                        name,
                        limit.words(),
                        "",
                        State.NOT_MEASURED,
                        known.whyNot(),
                        Double.NaN,
                        Double.NaN,
                        Double.NaN));
    }

    private Verdict verdict(Evidence known, Found worst) {
        Sample sample = worst.sample();
        double share = limit.share(sample.value());
        double oneEnd = limit.share(sample.low());
        double otherEnd = limit.share(sample.high());
        return new Verdict(
                name,
                limit.words(),
                measured(known, worst),
                share > 1 ? State.MISSED : known.isWhole() ? State.MET : State.MET_IN_PART,
                known.notes(limit, worst),
                share,
                Math.min(oneEnd, otherEnd),
                Math.max(oneEnd, otherEnd));
    }

    private String measured(Evidence known, Found worst) {
        Sample sample = worst.sample();
        String range = sample.rounds().length > 1
                ? " (" + limit.figure(sample.low()) + " to " + limit.figure(sample.high()) + ")"
                : "";
        String where = known.found().size() > 1 ? " at " + worst.where() : "";
        return limit.figure(sample.value()) + range + where;
    }
}
