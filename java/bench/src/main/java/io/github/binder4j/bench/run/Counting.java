package io.github.binder4j.bench.run;

import io.github.binder4j.bench.result.Measurement.Costs;
import io.github.binder4j.bench.result.Measurement.Side;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What calls cost both sides, in repetitions whose time is not taken. */
final class Counting {
    private static final int TRACED_MILLIS = 1;

    private final Path directory;
    private final boolean canCount = SystemCalls.isAvailable();

    Counting(Path directory) {
        this.directory = directory;
    }

    /** Calls for so many milliseconds at least. */
    interface Calls {
        Contender.Done make(int millis) throws IOException;
    }

    /** Makes calls and tells what one cost; system calls only on demand. */
    Costs costs(Contender contender, Calls calls, int millis, boolean withSystemCalls) throws IOException {
        List<WorkerProcess> client = List.of(contender.client());
        Long allocatedBefore = contender.allocatedByServers();
        Map<Path, Usage> clientBefore = Usage.of(client);
        Map<Path, Usage> serverBefore = Usage.of(contender.servers());
        Contender.Done done = calls.make(millis);
        Usage clientUsed = Usage.between(clientBefore, Usage.of(client));
        Usage serverUsed = Usage.between(serverBefore, Usage.of(contender.servers()));
        Long allocatedAfter = contender.allocatedByServers();
        Double[] systemCalls = canCount && withSystemCalls ? systemCalls(contender, calls) : new Double[2];
        return new Costs(
                side(clientUsed, done.calls(), systemCalls[0], done.allocatedBytes()),
                side(
                        serverUsed,
                        done.calls(),
                        systemCalls[1],
                        allocatedBefore == null ? null : (Long) (allocatedAfter - allocatedBefore)));
    }

    private static Side side(Usage used, long calls, Double systemCalls, Long allocatedBytes) {
        return new Side(
                perCall(used.cpuNanos(), calls),
                perCall(used.voluntarySwitches(), calls),
                perCall(used.involuntarySwitches(), calls),
                systemCalls,
                allocatedBytes == null ? null : perCall(allocatedBytes, calls));
    }

    private static Double perCall(long amount, long calls) {
        return Math.round(1000.0 * amount / calls) / 1000.0;
    }

    /** Of the client and the server for one call; null where it could not be counted. */
    private Double[] systemCalls(Contender contender, Calls calls) throws IOException {
        List<Optional<SystemCalls>> counters = new ArrayList<>();
        long made;
        try {
            counters.add(SystemCalls.start(contender.client(), directory));
            for (WorkerProcess server : contender.servers()) {
                counters.add(SystemCalls.start(server, directory));
            }
            made = calls.make(TRACED_MILLIS).calls();
        } finally {
            // Also when the calls failed: who is watched is slower from then on.
            counters.forEach(counter -> counter.ifPresent(SystemCalls::detach));
        }
        Double servers = 0.0;
        for (Optional<SystemCalls> counter : counters.subList(1, counters.size())) {
            Double count = perCall(counter, made);
            servers = servers == null || count == null ? null : (Double) (servers + count);
        }
        return new Double[] {perCall(counters.get(0), made), servers};
    }

    private static Double perCall(Optional<SystemCalls> counter, long calls) throws IOException {
        OptionalLong count =
                counter.isEmpty() ? OptionalLong.empty() : counter.get().count();
        return count.isEmpty() ? null : perCall(count.getAsLong(), calls);
    }
}
