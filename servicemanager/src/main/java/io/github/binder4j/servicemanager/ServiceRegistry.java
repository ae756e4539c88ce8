package io.github.binder4j.servicemanager;

import static io.github.binder4j.runtime.ServiceManagerProtocol.*;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The names of one device: {@code android.os.IServiceManager} at handle 0.
 *
 * <p>A service is dropped when its process dies. Adding a name again replaces it. Thread-safe.
 */
final class ServiceRegistry extends Binder {
    /** The manager is itself a service, as on Android. */
    static final String OWN_NAME = "manager";

    static final int OWN_DUMP_PRIORITY = DUMP_PRIORITY_DEFAULT;

    private static final int MAX_NAME_LENGTH = 127;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_\\-./]{1," + MAX_NAME_LENGTH + "}");

    private final Map<String, Entry> services = new ConcurrentHashMap<>();

    /** One registration; it ends with the death of its process. */
    private final class Entry implements DeathRecipient {
        private final String name;
        private final IBinder service;
        private final int dumpPriority;

        Entry(String name, IBinder service, int dumpPriority) {
            this.name = name;
            this.service = service;
            this.dumpPriority = dumpPriority;
        }

        @Override
        public void binderDied() {
            services.remove(name, this);
        }
    }

    ServiceRegistry() {
        super(DESCRIPTOR);
    }

    @Override
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (code < FIRST_CALL_TRANSACTION || code > LAST_CALL_TRANSACTION) {
            return super.onTransact(code, data, reply, flags);
        }
        data.enforceInterface(DESCRIPTOR);
        switch (code) {
            case GET_SERVICE, CHECK_SERVICE -> replyService(data, reply);
            case ADD_SERVICE -> replyAdded(data, reply);
            case LIST_SERVICES -> replyNames(data, reply);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void replyService(Parcel data, Parcel reply) {
        String name = data.readString();
        Entry found = name == null ? null : services.get(name);
        reply.writeNoException();
        reply.writeStrongBinder(found == null ? null : found.service);
    }

    private void replyAdded(Parcel data, Parcel reply) {
        String name = data.readString();
        IBinder service = data.readStrongBinder();
        data.readBoolean(); // whether isolated processes may find it: there are none here
        add(name, service, data.readInt());
        reply.writeNoException();
    }

    private void replyNames(Parcel data, Parcel reply) {
        int priorities = data.readInt();
        String[] names = services.entrySet().stream()
                .filter(service -> (service.getValue().dumpPriority & priorities) != 0)
                .map(Map.Entry::getKey)
                .sorted()
                .toArray(String[]::new);
        reply.writeNoException();
        reply.writeInt(names.length);
        for (String name : names) {
            reply.writeString(name);
        }
    }

    /**
     * Adds or replaces a service.
     *
     * @throws IllegalArgumentException if the name is not one, or there is no service
     * @throws IllegalStateException if the service is dead already
     */
    void add(String name, IBinder service, int dumpPriority) {
        if (name == null || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "service name \"" + shortened(name) + "\": 1 to 127 characters of A-Z a-z 0-9 _ - . / are allowed");
        }
        if (service == null) {
            throw new IllegalArgumentException("service \"" + name + "\": the object to add is null");
        }
        Entry added = new Entry(name, service, dumpPriority);
        watch(added);
        Entry replaced = services.put(name, added);
        if (replaced != null) {
            replaced.service.unlinkToDeath(replaced, 0);
        }
        if (!service.isBinderAlive()) {
            added.binderDied(); // its obituary may have come before the entry
        }
    }

    /** No caller is told more of a name it made up than a name may have. */
    private static String shortened(String name) {
        return name == null || name.length() <= MAX_NAME_LENGTH ? name : name.substring(0, MAX_NAME_LENGTH) + "...";
    }

    private static void watch(Entry added) {
        try {
            added.service.linkToDeath(added, 0);
        } catch (RemoteException e) {
            throw new IllegalStateException("service \"" + added.name + "\" is dead: " + e.getMessage(), e);
        }
    }
}
