package android.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.runtime.ProcessState;
import io.github.binder4j.runtime.ScriptedProcesses;
import io.github.binder4j.runtime.ServiceManagerProtocol;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the client of the service manager answers itself, whoever the manager is. */
class ServiceManagerClientTest {
    private final ScriptedDriver driver = new ScriptedDriver();
    private final ProcessState process = ScriptedProcesses.on(driver);
    private final ServiceManagerClient client = new ServiceManagerClient(process);

    @AfterEach
    void close() {
        process.close();
    }

    /** A manager that takes everything. */
    private static final class Easygoing extends Binder {
        final List<Integer> asked = new ArrayList<>();

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
            asked.add(code);
            reply.writeNoException();
            return true;
        }
    }

    private void assertRefused(String name, IBinder service, String words) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> client.add(name, service));
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }

    @Test
    void shouldRefuseNullBeforeARemoteManagerIsAsked() {
        assertRefused("nothing", null, "addService(\"nothing\"): the object to add is null");
        assertRefused(null, new Binder(), "addService(\"null\"): the name is null");
        assertEquals(List.of(), driver.ownCalls());
    }

    @Test
    void shouldRefuseNullBeforeAManagerOfThisProcessIsAsked() {
        Easygoing manager = new Easygoing();
        process.becomeContextManager(manager.binder4jObject());

        assertRefused("nothing", null, "the object to add is null");
        assertRefused(null, new Binder(), "the name is null");
        client.add("something", new Binder());

        assertEquals(List.of(ServiceManagerProtocol.ADD_SERVICE), manager.asked);
    }

    @Test
    void shouldFindNothingUnderNull() {
        assertNull(client.find(ServiceManagerProtocol.GET_SERVICE, null));
        assertEquals(List.of(), driver.ownCalls());
    }
}
