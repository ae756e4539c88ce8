package io.github.binder4j.bench.worker;

import io.github.binder4j.bench.transport.BuiltIn;
import io.github.binder4j.bench.transport.Serving;
import io.github.binder4j.servicemanager.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * The main class of both processes of a measurement. It does what lines on standard input say and answers each with a line
 * on standard output; the C programs speak the same way.
 *
 * <pre>
 *   serve TRANSPORT ADDRESS THREADS     says "ready" when it can be called, then answers "allocated"
 *   manage DEVICE                       says "servicemanager: ready" when names can be added
 *   call TRANSPORT ADDRESS              connects, says "ready", then answers the commands of {@link ClientWorker}
 * </pre>
 *
 * Either ends when its standard input does.
 */
public final class Worker {
    private static final String USAGE =
            "usage: Worker serve TRANSPORT ADDRESS THREADS | manage DEVICE | call TRANSPORT ADDRESS";

    private Worker() {}

    public static void main(String[] args) {
        try {
            work(args);
        } catch (Throwable e) { // an error too: the transport's threads would keep the process from ending
            e.printStackTrace();
            System.exit(1);
        }
        System.exit(0); // whatever the transport still waits for
    }

    private static void work(String[] args) throws Exception {
        if (args.length == 4 && args[0].equals("serve")) {
            BuiltIn.find(args[1]).serve(args[2], Integer.parseInt(args[3]));
            converse(new Allocations()::answer);
        } else if (args.length == 3 && args[0].equals("call")) {
            converse(new ClientWorker(BuiltIn.find(args[1]), args[2])::answer);
        } else if (args.length == 2 && args[0].equals("manage")) {
            Serving.thread("service manager", () -> Main.main(new String[] {"--device", args[1]}));
            converse(line -> "failed: a service manager takes no commands");
        } else {
            throw new IllegalArgumentException("cannot understand " + Arrays.toString(args) + "; " + USAGE);
        }
    }

    private static void converse(UnaryOperator<String> answers) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("ready");
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(answers.apply(line));
        }
    }
}
