package io.github.binder4j.bench.run;

import io.github.binder4j.bench.result.Measurement.Latency;
import io.github.binder4j.bench.result.Measurement.Round;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.HdrHistogram.Histogram;

/** The nanoseconds of single calls, as clients write them to a file after each round. */
final class Samples {
    private static final int DIGITS = 3;

    private final Path file;
    private final Histogram all = new Histogram(DIGITS);

    Samples(Path directory) {
        this.file = directory.resolve("samples");
    }

    /** Where a client is to write them. */
    String file() {
        return file.toString();
    }

    /** Takes in what a client has written. */
    Round read(long calls, long nanos) throws IOException {
        Histogram round = new Histogram(DIGITS);
        LongBuffer samples = ByteBuffer.wrap(Files.readAllBytes(file))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer();
        if (samples.remaining() != calls) {
            throw new WorkerFailedException(
                    "a client says that it made " + calls + " calls, and wrote down " + samples.remaining());
        }
        while (samples.hasRemaining()) {
            round.recordValue(samples.get());
        }
        all.add(round);
        return new Round(calls, nanos, round.getValueAtPercentile(50), round.getValueAtPercentile(99));
    }

    /** All rounds together; null if there were none. */
    Latency summary() {
        if (all.getTotalCount() == 0) {
            return null;
        }
        return new Latency(
                all.getTotalCount(),
                all.getMean(),
                all.getMinValue(),
                all.getValueAtPercentile(50),
                all.getValueAtPercentile(90),
                all.getValueAtPercentile(99),
                all.getValueAtPercentile(99.9),
                all.getMaxValue(),
                encoded());
    }

    private String encoded() {
        ByteBuffer bytes = ByteBuffer.allocate(all.getNeededByteBufferCapacity());
        int length = all.encodeIntoCompressedByteBuffer(bytes);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
    }
}
