package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.TF_ONE_WAY;

import io.github.binder4j.driver.RecordedDriver;
import io.github.binder4j.parcel.ParcelData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Two processes of the library that call each other on many threads, and every exchange of both with the kernel. */
public final class RecordedTraffic implements AutoCloseable {
    private static final int MAPPING_SIZE = 1 << 20;
    private static final int MAX_THREADS = 4;
    private static final int GET_SERVICE = 1;
    private static final int ADD_SERVICE = 5;
    private static final int DUMP_PRIORITY_DEFAULT = 8;
    private static final int STABILITY = ScriptedProcess.STABILITY;

    private static final int CALL_BACK = 1;
    private static final int FAIL = 2;
    private static final int NOTE = 3;

    private final RecordedDriver serverDriver;
    private final RecordedDriver clientDriver;
    private final ProcessState server;
    private final ProcessState client;
    private final RemoteObject service;
    private final CountDownLatch notes;
    private final int threads;
    private final int rounds;

    /** Has the first process offer a service under {@code name}, and the second find it. */
    public RecordedTraffic(Path device, String name, int threads, int rounds) throws TransactionFailure {
        this.threads = threads;
        this.rounds = rounds;
        notes = new CountDownLatch(threads * rounds);
        serverDriver = new RecordedDriver(device, MAPPING_SIZE);
        clientDriver = new RecordedDriver(device, MAPPING_SIZE);
        server = join(serverDriver);
        client = join(clientDriver);
        ParcelData offer = manager(name);
        offer.writeObject(new ScriptedProcess.Served(this::serve), STABILITY);
        offer.writeInt(0);
        offer.writeInt(DUMP_PRIORITY_DEFAULT);
        call(server, (RemoteObject) server.contextManager(), ADD_SERVICE, offer).recycle();
        ParcelData found = call(client, (RemoteObject) client.contextManager(), GET_SERVICE, manager(name));
        found.readInt(); // no exception
        service = (RemoteObject) found.readObject();
        found.recycle();
    }

    private static ProcessState join(RecordedDriver driver) {
        ProcessState process = new ProcessState(driver.device());
        process.loopers().setMaxThreads(MAX_THREADS);
        driver.device().enableOnewaySpamDetection();
        return process;
    }

    private static ParcelData manager(String name) {
        ParcelData data = new ParcelData();
        data.writeInt(1 << 31);
        data.writeInt(-1);
        data.writeInt(0x53595354);
        data.writeString16("android.os.IServiceManager");
        data.writeString16(name);
        return data;
    }

    private static ParcelData call(ProcessState process, RemoteObject target, int code, ParcelData data)
            throws TransactionFailure {
        ParcelData reply = new ParcelData();
        int status = process.transact(target, code, data, reply, 0);
        if (status != Status.OK) {
            throw new AssertionError("status " + status);
        }
        return reply;
    }

    private int serve(int code, ParcelData data, ParcelData reply, int flags) {
        switch (code) {
            case CALL_BACK -> callBack((RemoteObject) data.readObject(), reply);
            case FAIL -> {
                return Status.UNKNOWN_TRANSACTION;
            }
            default -> notes.countDown();
        }
        return Status.OK;
    }

    private void callBack(RemoteObject callback, ParcelData reply) {
        try {
            ParcelData answer = call(server, callback, 1, new ParcelData());
            reply.writeInt(answer.readInt());
            answer.recycle();
        } catch (TransactionFailure e) {
            throw new AssertionError(e);
        }
    }

    /** Returns once every call was answered and every note has arrived. */
    public void run() throws Exception {
        service.linkToDeath("watched and no longer", () -> {});
        service.unlinkToDeath("watched and no longer");
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Void>> callers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                callers.add(pool.submit((Callable<Void>) this::callOften));
            }
            for (Future<Void> caller : callers) {
                caller.get();
            }
        } finally {
            pool.shutdown();
        }
        notes.await();
    }

    private Void callOften() throws TransactionFailure {
        for (int i = 0; i < rounds; i++) {
            int number = i;
            ParcelData withCallback = new ParcelData();
            withCallback.writeObject(
                    new ScriptedProcess.Served((code, data, reply, flags) -> {
                        reply.writeInt(number);
                        return Status.OK;
                    }),
                    STABILITY);
            ParcelData answer = call(client, service, CALL_BACK, withCallback);
            if (answer.readInt() != number) {
                throw new AssertionError("another call's answer");
            }
            answer.recycle();
            client.transact(service, NOTE, new ParcelData(), null, TF_ONE_WAY);
            failOnce();
        }
        return null;
    }

    private void failOnce() throws TransactionFailure {
        int status = client.transact(service, FAIL, new ParcelData(), new ParcelData(), 0);
        if (status != Status.UNKNOWN_TRANSACTION) {
            throw new AssertionError("status " + status);
        }
        ParcelData tooMuch = new ParcelData();
        tooMuch.writeBytes(new byte[MAPPING_SIZE + 1], 0, MAPPING_SIZE + 1);
        try {
            client.transact(service, NOTE, tooMuch, new ParcelData(), 0);
            throw new AssertionError("more than fits into the mapping");
        } catch (TransactionFailure expected) {
            if (!expected.outOfBufferSpace()) {
                throw expected;
            }
        }
    }

    /** Ends the first process under the eyes of the second. */
    public void end() throws InterruptedException {
        CountDownLatch dead = new CountDownLatch(1);
        service.linkToDeath("obituary", dead::countDown);
        server.close();
        dead.await();
    }

    /** What no kernel says, by the rules, of either process. */
    public List<String> violations() {
        List<String> all = new ArrayList<>(serverDriver.rules().violations());
        all.addAll(clientDriver.rules().violations());
        return all;
    }

    /** How many exchanges were held against the rules. */
    public long exchanges() {
        return serverDriver.rules().exchanges() + clientDriver.rules().exchanges();
    }

    @Override
    public void close() {
        server.close();
        client.close();
    }
}
