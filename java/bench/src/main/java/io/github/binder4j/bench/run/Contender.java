package io.github.binder4j.bench.run;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A transport that takes part: its server, or several, and its client, waiting to be told what to do.
 *
 * @param name of the transport
 * @param isJava whether it runs on JVMs, which compile what runs often
 * @param services in words, as result files have them
 */
record Contender(String name, boolean isJava, String services, List<WorkerProcess> servers, WorkerProcess client) {
    private static final Duration SLACK = Duration.ofSeconds(60);

    /** What a client answers when it has done something. */
    record Done(long calls, long nanos, Long allocatedBytes) {}

    /** It cannot be done with this transport; the message says why. */
    static final class UnsupportedException extends IOException {
        private static final long serialVersionUID = 1;

        UnsupportedException(String why) {
            super(why);
        }
    }

    Done latency(Work work, int millis, int samples, String file) throws IOException {
        return done(
                "latency " + word(work) + ' ' + work.sizeBytes() + ' ' + millis + ' ' + samples + ' ' + file, millis);
    }

    Done rate(Work work, int millis) throws IOException {
        return done("rate " + word(work) + ' ' + work.sizeBytes() + ' ' + work.threads() + ' ' + millis, millis);
    }

    Done oneway(Work work, int millis) throws IOException {
        return done("oneway " + work.sizeBytes() + ' ' + work.window() + ' ' + millis, millis);
    }

    private static String word(Work work) {
        return work.shape().replace(' ', '-');
    }

    private Done done(String command, int millis) throws IOException {
        String answer = ask(command, millis);
        if (answer.startsWith("unsupported ")) {
            throw new UnsupportedException(answer.substring("unsupported ".length()));
        }
        if (answer.startsWith("#")) { // how a JVM begins to tell of its own crash
            throw new WorkerFailedException(name + ": its JVM crashed at \"" + command
                    + "\"; an hs_err file in the working directory says where");
        }
        String[] words = answer.split(" ");
        if (words.length != 4 || !words[0].equals("done")) {
            throw new WorkerFailedException(
                    name + ": cannot understand its answer \"" + answer + "\" to \"" + command + '"');
        }
        return new Done(Long.parseLong(words[1]), Long.parseLong(words[2]), bytes(words[3]));
    }

    /** What a client sees of a failing server says little: the server's own words are added. */
    private String ask(String command, int millis) throws IOException {
        try {
            return client.ask(command, SLACK.plusMillis(millis));
        } catch (WorkerFailedException e) {
            StringBuilder words = new StringBuilder(e.getMessage());
            servers.forEach(server -> words.append(server.lastErrors()));
            throw new WorkerFailedException(words.toString());
        }
    }

    /** Bytes the servers have allocated; null if they have no Java heap. */
    Long allocatedByServers() throws IOException {
        LongStream.Builder sum = LongStream.builder();
        for (WorkerProcess server : servers) {
            Long bytes = bytes(server.ask("allocated", SLACK).substring("allocated ".length()));
            if (bytes == null) {
                return null;
            }
            sum.add(bytes);
        }
        return sum.build().sum();
    }

    private static Long bytes(String word) {
        return word.equals("-") ? null : Long.valueOf(word);
    }
}
