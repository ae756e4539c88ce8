package io.github.binder4j.examples;

import android.os.IBinder;
import android.os.RemoteException;
import android.os.ServiceManager;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32;

/** The example's client: finds the service by name and does everything binder can with it, ending with its death. */
public final class TextClient {
    /** The last line before the client waits for the service to die. */
    public static final String WAITING = "waiting for the service to die";

    private static final int PAYLOAD_BYTES = 512 * 1024;
    private static final int DEATH_TIMEOUT_S = 120;

    private final IText service;

    private TextClient(IText service) {
        this.service = service;
    }

    public static void main(String[] args) throws Exception {
        IBinder found = ServiceManager.getService(TextService.NAME);
        check(found != null, "no service named \"" + TextService.NAME + "\": start TextService first");
        System.out.println("\"" + TextService.NAME + "\" is " + found);
        TextClient client = new TextClient(IText.Stub.asInterface(found));
        client.callSynchronously(args.length > 0 ? args[0] : "Hello, binder");
        client.callOneway();
        client.deliverPayload();
        client.getCalledBack();
        awaitDeath(found);
    }

    private void callSynchronously(String text) throws RemoteException {
        String reply = service.transform(text);
        System.out.println("transform(\"" + text + "\") = \"" + reply + "\"");
    }

    private void callOneway() throws RemoteException {
        service.note("sent without waiting");
        System.out.println("note(...) sent oneway: the driver has it (BR_TRANSACTION_COMPLETE), no reply will come");
    }

    private void deliverPayload() throws RemoteException {
        ByteBuffer payload = ByteBuffer.allocateDirect(PAYLOAD_BYTES);
        while (payload.hasRemaining()) {
            payload.put((byte) (payload.position() * 31));
        }
        payload.flip();
        CRC32 sent = new CRC32();
        sent.update(payload.duplicate());
        IText.Receipt receipt = service.deliver(payload);
        check(receipt.checksum() == sent.getValue(), "checksums differ: the payload was damaged on its way");
        check(receipt.offsetInMapping() >= 0, "the service did not read the payload in the driver's mapping");
        System.out.printf(
                "%d bytes sent; checksum %08x on both sides; the service read them where the driver put them: one copy%n",
                PAYLOAD_BYTES, sent.getValue());
    }

    private void getCalledBack() throws RemoteException {
        AtomicReference<String> heard = new AtomicReference<>();
        service.callBack(new ITextListener.Stub() {
            @Override
            public void onText(String text) {
                heard.set(text);
            }
        });
        check(heard.get() != null, "the service did not call back");
        System.out.println("called back by the service, inside my own call: \"" + heard.get() + "\"");
    }

    private static void awaitDeath(IBinder service) throws RemoteException, InterruptedException {
        CountDownLatch died = new CountDownLatch(1);
        service.linkToDeath(died::countDown, 0);
        System.out.println(WAITING);
        check(died.await(DEATH_TIMEOUT_S, TimeUnit.SECONDS), "no obituary within " + DEATH_TIMEOUT_S + " s");
        System.out.println("obituary received: the service's process is gone; alive=" + service.isBinderAlive()
                + ", ping=" + service.pingBinder());
    }

    private static void check(boolean ok, String otherwise) {
        if (!ok) {
            System.err.println("client: " + otherwise);
            System.exit(1);
        }
    }
}
