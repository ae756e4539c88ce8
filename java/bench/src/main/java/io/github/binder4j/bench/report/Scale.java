package io.github.binder4j.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;

/**
 * Puts values on an axis.
 *
 * @param position from a value to its place between 0 and 1
 * @param ticks where the axis is labelled
 */
record Scale(DoubleUnaryOperator position, List<Tick> ticks) {
    record Tick(double value, String label) {}

    double at(double value) {
        return position.applyAsDouble(value);
    }

    /** From zero to a round number that is not below {@code max}. */
    static Scale linear(double max, DoubleFunction<String> label) {
        double step = roundStep(max / 5);
        double top = max > 0 ? Math.ceil(max / step - 1e-9) * step : 1;
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i * step <= top * (1 + 1e-9) && i < 20; i++) {
            ticks.add(new Tick(i * step, label.apply(i * step)));
        }
        return new Scale(value -> value / top, ticks);
    }

    private static double roundStep(double step) {
        if (!(step > 0)) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(step)));
        for (double factor : new double[] {1, 2, 2.5, 5}) {
            if (step <= factor * power * (1 + 1e-9)) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    /** Logarithmic, a little wider than the values; ticks at 1, 2 and 5 of a decade where it spans few of them. */
    static Scale logarithmic(double min, double max, DoubleFunction<String> label) {
        double low = Math.log10(min) - 0.06;
        double high = Math.max(Math.log10(max) + 0.06, low + 0.3);
        double[] factors = high - low < 2.2 ? new double[] {1, 2, 5} : new double[] {1};
        if (high - low >= 2.2 && high - low < 3.4) {
            factors = new double[] {1, 3};
        }
        List<Tick> ticks = new ArrayList<>();
        for (int decade = (int) Math.floor(low); decade <= high; decade++) {
            for (double factor : factors) {
                double value = factor * Math.pow(10, decade);
                if (Math.log10(value) >= low && Math.log10(value) <= high) {
                    ticks.add(new Tick(value, label.apply(value)));
                }
            }
        }
        return new Scale(value -> (Math.log10(value) - low) / (high - low), ticks);
    }

    /** Logarithmic to base 2, with a tick at each of the values given; 0 stands two doublings before the smallest of the others. */
    static Scale doublings(List<Integer> values, DoubleFunction<String> label) {
        double smallest = values.stream()
                .filter(value -> value > 0)
                .mapToInt(value -> value)
                .min()
                .orElse(1);
        DoubleUnaryOperator log = value -> Math.log(value > 0 ? value : smallest / 4) / Math.log(2);
        double low = values.stream().mapToDouble(log::applyAsDouble).min().orElse(0);
        double high = values.stream().mapToDouble(log::applyAsDouble).max().orElse(1);
        List<Tick> ticks = values.stream()
                .sorted()
                .map(value -> new Tick(value, label.apply(value)))
                .toList();
        return new Scale(value -> high > low ? (log.applyAsDouble(value) - low) / (high - low) : 0.5, ticks);
    }

    /** Shares of all calls, given as the share that is slower, from 1 down to {@code smallest}; logarithmic. */
    static Scale slowest(double smallest) {
        double span = Math.max(1, -Math.log10(smallest));
        List<Tick> ticks = new ArrayList<>();
        ticks.add(new Tick(1, "min"));
        ticks.add(new Tick(0.5, "50 %"));
        String label = "90";
        for (int nines = 1; nines <= span + 1e-9; nines++) {
            ticks.add(new Tick(Math.pow(10, -nines), label + " %"));
            label = nines == 1 ? "99" : nines == 2 ? "99.9" : label + "9";
        }
        return new Scale(value -> -Math.log10(value) / span, ticks);
    }
}
