package io.github.binder4j.bench.transport;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.ParcelFileDescriptor;
import android.os.RemoteException;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Transport;
import io.github.binder4j.natives.BinderNative;
import java.io.IOException;
import java.io.RandomAccessFile;

/** What only binder carries: objects and descriptors; and the service manager's work. */
public final class Objects implements Transport {
    /** In options; what is measured appears as binder4j's. */
    public static final String NAME = "objects";

    private static final String PREFIX = "io.github.binder4j.bench.";
    private static final int MANY = 1000;
    /** So many names are looked up in turn. */
    private static final int NAMES = 10;

    private static final int CALL_BACK = IBinder.FIRST_CALL_TRANSACTION;
    private static final int TAKE_DESCRIPTOR = CALL_BACK + 1;
    private static final int TAKE_BINDERS = CALL_BACK + 2;
    private static final int REPEAT = CALL_BACK + 3;
    private static final int REGISTER = CALL_BACK + 4;
    private static final int CALLED = CALL_BACK + 5;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void serve(String text, int threads) {
        BinderAddress address = BinderAddress.parse(text);
        BinderDevice device = address.serveWith(threads);
        device.addService(address.names().get(0), new Service(device));
    }

    @Override
    public Connection connect(String text, int index) {
        BinderAddress address = BinderAddress.parse(text);
        IBinder service = Services.find(address.device(), address.names().get(0));
        return new Client(Services.device(address.device()), service);
    }

    private static String serviceName(int number) {
        return PREFIX + number;
    }

    private static final class Service extends Binder {
        private final BinderDevice device;
        private int registered;

        Service(BinderDevice device) {
            this.device = device;
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            switch (code) {
                case CALL_BACK -> callBack(data.readStrongBinder());
                case TAKE_DESCRIPTOR -> close(data.readFileDescriptor());
                case TAKE_BINDERS -> takeBinders(data);
                case REPEAT -> reply.writeString(data.readString());
                case REGISTER -> registerUpTo(data.readInt());
                default -> {
                    return super.onTransact(code, data, reply, flags);
                }
            }
            return true;
        }

        private static void callBack(IBinder callback) throws RemoteException {
            Parcel data = Parcel.obtain();
            Parcel reply = Parcel.obtain();
            try {
                callback.transact(CALLED, data, reply, 0);
            } finally {
                reply.recycle();
                data.recycle();
            }
        }

        private static void close(ParcelFileDescriptor descriptor) {
            try {
                descriptor.close();
            } catch (IOException e) {
                throw new IllegalStateException("cannot close a descriptor", e);
            }
        }

        private static void takeBinders(Parcel data) {
            for (int i = 0; i < MANY; i++) {
                if (data.readStrongBinder() == null) {
                    throw new IllegalStateException("binder " + i + " is missing");
                }
            }
        }

        private synchronized void registerUpTo(int count) {
            while (registered < count) {
                device.addService(serviceName(registered), new Binder());
                registered++;
            }
        }
    }

    /** Does one of the shapes: see {@link #prepare}. */
    private static final class Client implements Connection {
        private final BinderDevice device;
        private final IBinder service;
        private Work work;

        Client(BinderDevice device, IBinder service) {
            this.device = device;
            this.service = service;
        }

        private interface Work {
            void run() throws Exception;
        }

        private interface Filling {
            void into(Parcel data);
        }

        @Override
        public void prepare(String shape, int sizeBytes) throws Exception {
            String[] words = shape.split("-among-");
            work = switch (words[0]) {
                case "plain-call" -> call(REPEAT, data -> data.writeString(serviceName(0)));
                case "callback" -> callback();
                case "descriptor" -> descriptor();
                case "1000-binders" -> binders();
                case "1000-JNI-calls" -> Client::nativeCalls;
                case "lookup" -> lookup(Integer.parseInt(words[1]));
                case "register" -> register(Integer.parseInt(words[1]));
                default -> throw new UnsupportedOperationException("it knows no \"" + shape + '"');
            };
        }

        @Override
        public void exchange(long sequence) throws Exception {
            work.run();
        }

        private Work call(int code, Filling filling) {
            return () -> {
                Parcel data = Parcel.obtain();
                Parcel reply = Parcel.obtain();
                try {
                    filling.into(data);
                    service.transact(code, data, reply, 0);
                } finally {
                    reply.recycle();
                    data.recycle();
                }
            };
        }

        private Work callback() {
            Binder callback = new Binder() {
                @Override
                protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
                    return code == CALLED || super.onTransact(code, data, reply, flags);
                }
            };
            return call(CALL_BACK, data -> data.writeStrongBinder(callback));
        }

        private Work descriptor() throws IOException {
            @SuppressWarnings("resource") // sent as long as this process lives
            RandomAccessFile file = new RandomAccessFile("/dev/null", "r");
            java.io.FileDescriptor descriptor = file.getFD();
            return call(TAKE_DESCRIPTOR, data -> data.writeFileDescriptor(descriptor));
        }

        private Work binders() {
            Binder[] binders = new Binder[MANY];
            for (int i = 0; i < MANY; i++) {
                binders[i] = new Binder();
            }
            return call(TAKE_BINDERS, data -> {
                for (Binder binder : binders) {
                    data.writeStrongBinder(binder);
                }
            });
        }

        /** There and back as often as it takes to show: the C function only returns a number. */
        private static void nativeCalls() {
            for (int i = 0; i < MANY; i++) {
                BinderNative.userProtocolVersion();
            }
        }

        /** Names spread over all; what is found is kept, so that only finding is measured. */
        private Work lookup(int count) throws Exception {
            call(REGISTER, data -> data.writeInt(count)).run();
            String[] names = new String[NAMES];
            IBinder[] found = new IBinder[NAMES];
            for (int i = 0; i < NAMES; i++) {
                names[i] = serviceName((int) ((long) count * i / NAMES));
            }
            int[] next = {0};
            return () -> {
                int i = next[0]++ % NAMES;
                found[i] = device.getService(names[i]);
                if (found[i] == null) {
                    throw new IllegalStateException("no service \"" + names[i] + '"');
                }
            };
        }

        /** Beside so many others, and after the first ones under names that are taken: their number stays what it is. */
        private Work register(int count) throws Exception {
            call(REGISTER, data -> data.writeInt(count)).run();
            String[] names = new String[NAMES];
            Binder[] services = new Binder[NAMES];
            for (int i = 0; i < NAMES; i++) {
                names[i] = serviceName(count) + ".own." + i;
                services[i] = new Binder();
            }
            int[] next = {0};
            return () -> {
                int i = next[0]++ % NAMES;
                device.addService(names[i], services[i]);
            };
        }
    }
}
