package io.github.binder4j.bench.transport;

/** Threads of a server. */
public final class Serving {
    private Serving() {}

    /** What such a thread does. */
    public interface Work {
        void run() throws Exception;
    }

    /** Starts one; a failure ends the process, so that no figure is made of half a server. */
    public static void thread(String name, Work work) {
        Thread thread = new Thread(() -> run(work), name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void run(Work work) {
        try {
            work.run();
        } catch (Throwable e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }
}
