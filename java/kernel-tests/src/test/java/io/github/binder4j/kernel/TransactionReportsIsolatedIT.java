package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.binderfs.TransactionReports;
import io.github.binder4j.errors.BinderUnavailableException;
import io.github.binder4j.testkit.BinderTest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A container has a network namespace of its own, to which no kernel reports failed transactions. */
@Tag("binderfs")
@BinderTest
class TransactionReportsIsolatedIT {
    @Test
    void shouldRefuseWhereNoReportWouldArrive() {
        boolean offered = Files.exists(Path.of("/dev/binderfs/features/transaction_report"));

        assertFalse(TransactionReports.isAvailable());
        BinderUnavailableException thrown = assertThrows(
                BinderUnavailableException.class,
                () -> TransactionReports.open().close());
        assertEquals(offered ? 0 : 2, thrown.errno());
        assertTrue(
                thrown.getMessage().contains(offered ? "--network host" : "features/transaction_report"),
                thrown.getMessage());
    }
}
