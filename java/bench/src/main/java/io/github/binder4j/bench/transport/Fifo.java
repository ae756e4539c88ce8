package io.github.binder4j.bench.transport;

import io.github.binder4j.bench.result.Transports;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Transport;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Two named pipes for each connection, in the directory that the address names. */
final class Fifo implements Transport {
    @Override
    public String name() {
        return Transports.FIFO;
    }

    @Override
    public void serve(String address, int threads) throws IOException, InterruptedException {
        for (int i = 0; i < threads; i++) {
            Path requests = requests(address, i);
            Path answers = answers(address, i);
            make(requests, answers);
            Serving.thread("pipe " + i, () -> {
                // Opening one end waits for the other: both sides keep this order.
                try (FileChannel in = FileChannel.open(requests, StandardOpenOption.READ);
                        FileChannel out = FileChannel.open(answers, StandardOpenOption.WRITE)) {
                    new Framed(in, out).serve();
                }
            });
        }
    }

    @Override
    public Connection connect(String address, int index) throws IOException {
        FileChannel out = FileChannel.open(requests(address, index), StandardOpenOption.WRITE);
        return new Framed(FileChannel.open(answers(address, index), StandardOpenOption.READ), out);
    }

    private static Path requests(String directory, int index) {
        return Path.of(directory, "requests-" + index);
    }

    private static Path answers(String directory, int index) {
        return Path.of(directory, "answers-" + index);
    }

    /** The JDK cannot make one. */
    private static void make(Path... fifos) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("mkfifo", "-m", "600"));
        for (Path fifo : fifos) {
            command.add(fifo.toString());
        }
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", command) + " ended with status " + status);
        }
    }
}
