package io.github.binder4j.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One call, drawn from the traces of its processes. */
class TraceDiagramTest {
    private static final List<String> CLIENT = List.of(
            "# process 1 Client",
            "1.000000100 1/6 main binder > BC_TRANSACTION handle=0 code=0x1 flags=0x10 data=88 objects=0 interface=IManager",
            "1.000000900 1/6 main binder < BR_REPLY flags=0x0 data=32 objects=1 buffer=0x1000",
            "2.000000100 1/6 main binder > BC_TRANSACTION handle=1 code=0x1 flags=0x10 data=40 objects=1 interface=IThing",
            "2.000000110 1/7 binder-1 binder > BC_ENTER_LOOPER",
            "2.000000400 1/6 main binder < BR_NOOP",
            "2.000000410 1/6 main binder < BR_TRANSACTION ptr=0x5 code=0x2 flags=0x10 pid=0 euid=0 data=20 objects=0 buffer=0x1000",
            "2.000000500 1/6 main binder > BC_REPLY flags=0x0 data=4 objects=0",
            "2.000000510 1/6 main binder < BR_TRANSACTION_COMPLETE",
            "2.000000800 1/6 main binder < BR_REPLY flags=0x0 data=4 objects=0 buffer=0x2000",
            "2.000000900 1/6 main binder > BC_FREE_BUFFER buffer=0x2000");

    private static final List<String> SERVICE = List.of(
            "[binder] # process 1 Service",
            "not a line of a trace",
            "[binder] 2.000000200 1/6 main binder < BR_TRANSACTION ptr=0x9 code=0x1 flags=0x10 pid=0 euid=0 data=40 objects=1 buffer=0x3000 interface=IThing",
            "[binder] 2.000000300 1/6 main binder > BC_TRANSACTION handle=1 code=0x2 flags=0x10 data=20 objects=0",
            "[binder] 2.000000600 1/6 main binder < BR_REPLY flags=0x0 data=4 objects=0 buffer=0x3100",
            "[binder] 2.000000700 1/6 main binder > BC_REPLY flags=0x0 data=4 objects=0",
            "[binder] 2.000000710 1/6 main binder < BR_TRANSACTION_COMPLETE",
            "[binder] 2.000000720 1/6 main binder < BR_TRANSACTION ptr=0x9 code=0x7 flags=0x10 pid=0 euid=0 data=1 objects=0 buffer=0x3000");

    private static List<TraceDiagram.Step> both() {
        List<TraceDiagram.Step> steps = new ArrayList<>(TraceDiagram.read(CLIENT));
        steps.addAll(TraceDiagram.read(SERVICE));
        return steps;
    }

    @Test
    void shouldDrawACallWithWhatIsCalledBackInItAndNothingElse() {
        String diagram = TraceDiagram.draw(TraceDiagram.oneCall(both(), "IThing", "0x1"));

        List<String> lines = diagram.lines().toList();
        assertEquals(
                List.of(
                        "sequenceDiagram",
                        "    participant T0 as Client<br/>main",
                        "    participant D as driver",
                        "    participant T1 as Service<br/>main"),
                lines.subList(0, 4));
        assertEquals(
                List.of(
                        "T0->>D: BC_TRANSACTION handle=1",
                        "D->>T1: BR_TRANSACTION ptr=0x9",
                        "T1->>D: BC_TRANSACTION handle=1",
                        "D->>T0: BR_TRANSACTION ptr=0x5",
                        "T0->>D: BC_REPLY flags=0x0",
                        "D->>T0: BR_TRANSACTION_COMPLETE",
                        "D->>T1: BR_REPLY flags=0x0",
                        "T1->>D: BC_REPLY flags=0x0",
                        "D->>T1: BR_TRANSACTION_COMPLETE",
                        "D->>T0: BR_REPLY flags=0x0"),
                lines.subList(4, lines.size()).stream()
                        .map(line -> line.strip().replaceFirst("(: \\S+( \\S+)?).*", "$1"))
                        .toList());
    }

    @Test
    void shouldSayThatThereIsNoSuchCall() {
        IllegalArgumentException none =
                assertThrows(IllegalArgumentException.class, () -> TraceDiagram.oneCall(both(), "IThing", "0x9"));

        assertTrue(none.getMessage().contains("interface=IThing code=0x9"), none.getMessage());
    }
}
