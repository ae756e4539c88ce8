package android.os;

import io.github.binder4j.runtime.ApiBridge;
import io.github.binder4j.runtime.ProcessState;
import io.github.binder4j.runtime.ServiceManagerProtocol;

/** Calls the service manager of one device; {@link ServiceManager} says what each method does. */
final class ServiceManagerClient implements ApiBridge.Services {
    private final ProcessState process;

    ServiceManagerClient(ProcessState process) {
        this.process = process;
    }

    @Override
    public IBinder find(int code, String name) {
        if (name == null) {
            return null; // nobody can be called so, and not every manager survives the question
        }
        return call(code, data -> data.writeString(name), Parcel::readStrongBinder);
    }

    @Override
    public void add(String name, Object service) {
        if (name == null || service == null) {
            // Here: managers differ in what they answer, if they do.
            throw new IllegalArgumentException(
                    "addService(\"" + name + "\"): " + (name == null ? "the name" : "the object to add") + " is null");
        }
        call(
                ServiceManagerProtocol.ADD_SERVICE,
                data -> {
                    data.writeString(name);
                    data.writeStrongBinder((IBinder) service);
                    data.writeBoolean(false); // not for isolated processes
                    data.writeInt(ServiceManagerProtocol.DUMP_PRIORITY_DEFAULT);
                },
                reply -> null);
    }

    @Override
    public String[] list() {
        return call(
                ServiceManagerProtocol.LIST_SERVICES,
                data -> data.writeInt(ServiceManagerProtocol.DUMP_PRIORITY_ALL),
                ServiceManagerClient::readNames);
    }

    private static String[] readNames(Parcel reply) {
        int count = reply.readInt();
        // A name takes eight bytes at least, so a count from a broken manager cannot ask for more than it sent.
        if (count < 0 || count > reply.dataAvail() / Long.BYTES) {
            throw new IllegalStateException(
                    "the service manager listed " + count + " names in " + reply.dataAvail() + " bytes");
        }
        String[] names = new String[count];
        for (int i = 0; i < count; i++) {
            names[i] = reply.readString();
        }
        return names;
    }

    private interface Arguments {
        void write(Parcel data);
    }

    private interface Result<T> {
        T read(Parcel reply);
    }

    private <T> T call(int code, Arguments arguments, Result<T> result) {
        IBinder manager = BinderProxy.binderFor(process.contextManager());
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken(ServiceManagerProtocol.DESCRIPTOR);
            arguments.write(data);
            if (!manager.transact(code, data, reply, 0)) {
                throw new IllegalStateException("the context manager of " + process.path() + " does not know code "
                        + code + ": it speaks another Android version's service manager protocol");
            }
            reply.readException();
            return result.read(reply);
        } catch (RemoteException e) {
            throw new IllegalStateException("service manager: " + e.getMessage(), e);
        } finally {
            reply.recycle();
            data.recycle();
        }
    }
}
