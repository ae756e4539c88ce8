package io.github.binder4j.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.binder4j.natives.BinderNative;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds what Java writes down of the driver's interface against the header the C layer was compiled with. */
class CommandsTest {
    private static Stream<Field> constants() {
        return Arrays.stream(Commands.class.getDeclaredFields())
                .filter(field -> Modifier.isPublic(field.getModifiers()) && field.getType() == int.class);
    }

    @ParameterizedTest
    @MethodSource("constants")
    void shouldHaveTheHeadersValue(Field constant) throws ReflectiveOperationException {
        assertEquals(valueOf(constant.getName()), constant.getInt(null) & 0xffffffffL);
    }

    @Test
    void shouldCheckEveryCommandAndFlag() {
        assertEquals(20 + 22 + 5, constants().count());
    }

    /** The offsets that DriverThread and ReceivedBuffer use as literals, next to what the header says. */
    @ParameterizedTest
    @CsvSource({
        "sizeof:binder_write_read, 48",
        "offsetof:binder_write_read.write_consumed, 8",
        "offsetof:binder_write_read.write_buffer, 16",
        "offsetof:binder_write_read.read_size, 24",
        "offsetof:binder_write_read.read_consumed, 32",
        "offsetof:binder_write_read.read_buffer, 40",
        "sizeof:binder_transaction_data, 64",
        "offsetof:binder_transaction_data.cookie, 8",
        "offsetof:binder_transaction_data.code, 16",
        "offsetof:binder_transaction_data.flags, 20",
        "offsetof:binder_transaction_data.sender_pid, 24",
        "offsetof:binder_transaction_data.sender_euid, 28",
        "offsetof:binder_transaction_data.data_size, 32",
        "offsetof:binder_transaction_data.offsets_size, 40",
        "offsetof:binder_transaction_data.data.ptr.buffer, 48",
        "offsetof:binder_transaction_data.data.ptr.offsets, 56",
        "sizeof:binder_transaction_data_sg, 72",
        "offsetof:binder_transaction_data_sg.buffers_size, 64",
        "sizeof:binder_ptr_cookie, 16",
        "sizeof:binder_handle_cookie, 12",
        "offsetof:binder_handle_cookie.cookie, 4",
        "sizeof:binder_extended_error, 12",
        "offsetof:binder_extended_error.param, 8",
        "sizeof:binder_transaction_data_secctx, 72",
        "offsetof:binder_transaction_data_secctx.secctx, 64",
        "offsetof:binder_frozen_state_info.is_frozen, 8",
        "sizeof:binder_frozen_status_info, 12",
        "offsetof:binder_frozen_status_info.sync_recv, 4",
        "offsetof:binder_frozen_status_info.async_recv, 8",
        "sizeof:binder_node_debug_info, 24",
        "offsetof:binder_node_debug_info.has_strong_ref, 16",
        "offsetof:binder_node_debug_info.has_weak_ref, 20",
        "sizeof:binder_node_info_for_ref, 24",
        "offsetof:binder_node_info_for_ref.strong_count, 4"
    })
    void shouldUseTheHeadersLayout(String name, long used) {
        assertEquals(valueOf(name), used);
    }

    @ParameterizedTest
    @CsvSource({
        "BR_TRANSACTION, 64",
        "BR_TRANSACTION_SEC_CTX, 72",
        "BR_REPLY, 64",
        "BR_INCREFS, 16",
        "BR_DEAD_BINDER, 8",
        "BR_FROZEN_BINDER, 16",
        "BR_CLEAR_FREEZE_NOTIFICATION_DONE, 8",
        "BR_NOOP, 0",
        "BR_SPAWN_LOOPER, 0"
    })
    void shouldFindThePayloadSizeInTheCommand(String name, int size) {
        assertEquals(size, Commands.payloadSize((int) valueOf(name)));
    }

    @Test
    void shouldExpectNoPayloadAfterBrErrorWhateverItsNumberSays() {
        assertEquals(0, Commands.payloadSize(Commands.BR_ERROR));
    }

    private static long valueOf(String name) {
        long value = BinderNative.abiValue(name);
        assertNotEquals(Long.MIN_VALUE, value, () -> "the C layer has no value for " + name);
        return value;
    }
}
