package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;

import android.os.ParcelFileDescriptor;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.natives.BinderNative;
import io.github.binder4j.parcel.ParcelData;
import java.util.concurrent.CountDownLatch;

/** What {@link ClassLoaderTest} runs in class loaders of their own. */
public final class LoaderScenario {
    /** System property that tells which OS thread has entered. */
    static final String TID = "io.github.binder4j.test.tid";

    private static final CountDownLatch TOLD = new CountDownLatch(1);

    /** Held by a static, as programs hold what they call. */
    private static RemoteObject remote;

    private static ProcessState process;

    private LoaderScenario() {}

    /** Opens a device, uses of it whatever has a thread or a thread's value of its own, and closes it. */
    public static void useAndClose() throws Exception {
        ScriptedProcess scripted = new ScriptedProcess();
        ScriptedDriver driver = scripted.driver;
        process = scripted.process;
        process.events().add(new Told());
        remote = scripted.receive(5);
        process.loopers().start();
        driver.answerLooper(returns -> returns.put(0x7fff)); // unknown: an event
        TOLD.await();
        driver.answerLooper(returns -> returns.transaction(0, 1, 0, ints()));
        driver.await(call -> call.words().contains(BC_REPLY));
        callFromAVirtualThread(driver);
        driver.answer(returns -> returns.complete().reply(ints()));
        callManager();
        for (ParcelFileDescriptor end : ParcelFileDescriptor.createPipe()) {
            end.close();
        }
        process.close();
    }

    /** Where there are any: from JDK 21 on. */
    private static void callFromAVirtualThread(ScriptedDriver driver) throws Exception {
        if (Runtime.version().feature() < 21) {
            return;
        }
        driver.answerCaller(returns -> returns.complete().reply(ints()));
        Thread thread = (Thread)
                Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, (Runnable)
                        LoaderScenario::callManager);
        thread.join();
    }

    private static void callManager() {
        ParcelData data = ParcelPool.obtain();
        ParcelData reply = ParcelPool.obtain();
        try {
            process.transact((RemoteObject) process.contextManager(), 1, data, reply, 0);
            ParcelPool.recycle(reply);
            ParcelPool.recycle(data);
        } catch (TransactionFailure e) {
            throw new AssertionError(e);
        }
    }

    /** Leaves the calling thread with what the C layer runs when it ends. */
    public static void enterAndRetire() {
        long slot = BinderNative.registerDevice(0);
        if (BinderNative.enterThread(slot) != 0 || BinderNative.retireDevice(slot) != 0) {
            throw new AssertionError("not entered");
        }
        System.setProperty(TID, Integer.toString(BinderNative.tid()));
    }

    private static final class Told implements DeviceEvents.Listener {
        @Override
        public void onStarvation(int threads, long starvedMs) {}

        @Override
        public void onOnewaySpamSuspect(RemoteObject target, int code) {}

        @Override
        public void onProxyLimit(int uid, int count) {}

        @Override
        public void onUnknownReturn(int command) {
            TOLD.countDown();
        }

        @Override
        public void onCarrierLimit(int threads) {}
    }
}
