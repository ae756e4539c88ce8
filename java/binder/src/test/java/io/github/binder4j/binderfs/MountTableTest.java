package io.github.binder4j.binderfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.binder4j.natives.FileNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The table of mounts. */
class MountTableTest {
    @Test
    void shouldFindInstancesAmongOtherMounts() {
        List<MountTable.Instance> instances = MountTable.parse("""
                24 1 0:22 / / rw,relatime shared:1 - overlay overlay rw,lowerdir=/host,upperdir=/layer/upper
                40 24 0:35 / /dev/binderfs rw,relatime - binder binder rw,max=1048576
                41 24 0:36 / /tmp/b rw,relatime shared:3 master:2 - binder whatever rw,max=8,stats=global
                42 24 0:37 / /tmp/my\\040own\\134one rw - binder binder rw
                """);

        assertEquals(
                List.of(Path.of("/dev/binderfs"), Path.of("/tmp/b"), Path.of("/tmp/my own\\one")),
                instances.stream().map(MountTable.Instance::path).toList());
        assertEquals(OptionalInt.of(1048576), instances.get(0).maxDevices());
        assertEquals(OptionalInt.of(8), instances.get(1).maxDevices());
        assertEquals(OptionalInt.empty(), instances.get(2).maxDevices());
    }

    @Test
    void shouldKeepTheBytesOfAPath() {
        String line = "40 24 0:35 / /tmp/ger\u00c3\u00a4t rw - binder binder rw";

        assertEquals(
                FileNames.path("/tmp/ger\u00e4t"), MountTable.parse(line).get(0).path());
    }

    @Test
    void shouldPassOverLinesThatAreNone() {
        assertEquals(
                List.of(),
                MountTable.parse("\n-\nbinder\n - binder\n1 2 3 - binder binder rw\n4 5 6 7 /x rw - binder\n"));
    }

    @Test
    void shouldPassOverAnInstanceWhosePathCannotBeNamed() {
        assertEquals(
                List.of(Path.of("/dev/binderfs")),
                MountTable.parse("""
                        40 24 0:35 / /a\\000b rw - binder binder rw
                        41 24 0:36 / /dev/binderfs rw - binder binder rw
                        """).stream().map(MountTable.Instance::path).toList());
    }

    @Test
    void shouldReadThisMachines() throws IOException {
        assertEquals(MountTable.read(), MountTable.read());
    }
}
