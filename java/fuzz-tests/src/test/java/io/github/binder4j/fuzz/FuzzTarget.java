package io.github.binder4j.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * What decodes bytes that a peer or a file supplies: it throws what its documentation says and nothing else, and makes no more
 * garbage than a constant times the size of its input.
 *
 * <p>A class with a target has a method {@code fuzzerTestOneInput(byte[])}, which a fuzzer that watches coverage calls for as
 * long as it is told to ({@code ci/fuzz}), and a test that calls {@link #runSeedsAndMutations}, which is quick, and the same
 * every time.
 */
public final class FuzzTarget {
    /** Executions of one target in a test. */
    private static final int RUNS = Integer.getInteger("binder4j.fuzz.runs", 20_000);
    /** Of the mutations. */
    private static final long SEED = Long.getLong("binder4j.fuzz.seed", 1);

    /** Where a fuzzer wants the seeds, in a directory for each class; empty if none does. */
    private static final String CORPUS = System.getProperty("binder4j.fuzz.corpus", "");

    private static final int LONGEST = 2048;
    private static final int MOST_CHANGES = 6;
    private static final byte[] EDGES = {0, 1, 2, 3, 4, 7, 8, 24, 28, 40, 127, (byte) 0x80, (byte) 0xfe, (byte) 0xff};

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long FIXED_GARBAGE = 1024 * 1024;

    private final String name;
    private final Consumer<byte[]> decoder;
    private final int garbagePerByte;
    private int cost = 1;

    /**
     * A decoder.
     *
     * @param test the class that has the target
     * @param garbagePerByte the constant: bytes on the heap for one of input, at worst
     */
    public FuzzTarget(Class<?> test, Consumer<byte[]> decoder, int garbagePerByte) {
        this.name = test.getName();
        this.decoder = decoder;
        this.garbagePerByte = garbagePerByte;
    }

    /** A target of which a test makes fewer executions: one for so many of another's. */
    public FuzzTarget costing(int executions) {
        cost = executions;
        return this;
    }

    /** Decodes one input. */
    public void run(byte[] input) {
        long allowed = FIXED_GARBAGE + (long) garbagePerByte * input.length;
        // Again, because the first may have loaded classes.
        if (garbageOf(input) > allowed && garbageOf(input) > allowed) {
            throw new AssertionError("more than " + allowed + " bytes of garbage for an input of " + input.length);
        }
    }

    private long garbageOf(byte[] input) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        decoder.accept(input);
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** Decodes the seeds, then what random changes make of them. A failure shows the input. */
    public void runSeedsAndMutations(List<byte[]> seeds) {
        seeds.forEach(this::runOrShow);
        saveForFuzzer(seeds);
        Random random = new Random(SEED);
        for (int i = seeds.size(); i < RUNS / cost; i++) {
            runOrShow(mutated(random, seeds));
        }
    }

    private void saveForFuzzer(List<byte[]> seeds) {
        if (CORPUS.isEmpty()) {
            return;
        }
        try {
            Path directory = Files.createDirectories(Path.of(CORPUS, name));
            for (int i = 0; i < seeds.size(); i++) {
                Files.write(directory.resolve("seed" + i), seeds.get(i));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void runOrShow(byte[] input) {
        try {
            run(input);
        } catch (Throwable e) {
            throw new AssertionError("input=" + HexFormat.of().formatHex(input), e);
        }
    }

    private static byte[] mutated(Random random, List<byte[]> seeds) {
        byte[] input = seeds.get(random.nextInt(seeds.size())).clone();
        for (int i = 1 + random.nextInt(MOST_CHANGES); i > 0; i--) {
            input = changed(random, input, seeds);
        }
        return Arrays.copyOf(input, Math.min(input.length, LONGEST));
    }

    private static byte[] changed(Random random, byte[] input, List<byte[]> seeds) {
        int at = random.nextInt(input.length + 1);
        return switch (random.nextInt(7)) {
            case 0 -> spliced(input, at, at, randomBytes(random, 1 + random.nextInt(8)));
            case 1 -> spliced(input, at, Math.min(input.length, at + 1 + random.nextInt(8)), new byte[0]);
            case 2 -> overwritten(input, at, randomBytes(random, 1));
            case 3 -> overwritten(input, at, new byte[] {EDGES[random.nextInt(EDGES.length)]});
            case 4 -> overwritten(input, at & ~3, edgeWord(random));
            case 5 -> spliced(input, at, at, part(random, input));
            default -> spliced(input, at, input.length, part(random, seeds.get(random.nextInt(seeds.size()))));
        };
    }

    /** -1, the largest, the smallest, or a small number. */
    private static byte[] edgeWord(Random random) {
        int word = new int[] {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, random.nextInt(64)}[random.nextInt(4)];
        return new byte[] {(byte) word, (byte) (word >> 8), (byte) (word >> 16), (byte) (word >> 24)};
    }

    private static byte[] randomBytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] part(Random random, byte[] input) {
        int from = random.nextInt(input.length + 1);
        return Arrays.copyOfRange(input, from, from + random.nextInt(input.length - from + 1));
    }

    private static byte[] overwritten(byte[] input, int at, byte[] bytes) {
        byte[] result = input.clone();
        System.arraycopy(bytes, 0, result, at, Math.min(bytes.length, Math.max(0, input.length - at)));
        return result;
    }

    private static byte[] spliced(byte[] input, int from, int to, byte[] between) {
        byte[] result = Arrays.copyOf(input, input.length - (to - from) + between.length);
        System.arraycopy(between, 0, result, from, between.length);
        System.arraycopy(input, to, result, from + between.length, input.length - to);
        return result;
    }
}
