package io.github.binder4j.binderfs;

import java.util.List;

/**
 * The driver's record of a process's object.
 *
 * @param id the driver's number of it, unique in the kernel
 * @param ptr the weak number its process gave it; hashed in {@code state_hashed}
 * @param cookie the strong number its process gave it; hashed likewise
 * @param hasStrongRef whether its process was told to hold it
 * @param hasWeakRef whether its process was told to hold it weakly
 * @param localStrong strong counts on behalf of its process, and of buffers that carry it
 * @param localWeak weak counts likewise
 * @param internalStrong references of others that hold it strongly
 * @param internalWeak references of others, whether strong or weak
 * @param temporaryReferences how often the driver holds it for a moment, 1 while being printed
 * @param holders the processes with a reference; one twice if it has two, through two openings of the device
 * @param asyncTransactions oneway transactions that wait for an earlier one to be done with
 * @param asyncWork what else waits there, which the driver never puts there
 */
public record NodeRecord(
        int id,
        long ptr,
        long cookie,
        boolean hasStrongRef,
        boolean hasWeakRef,
        int localStrong,
        int localWeak,
        int internalStrong,
        int internalWeak,
        int temporaryReferences,
        List<Integer> holders,
        List<TransactionRecord> asyncTransactions,
        List<WorkRecord> asyncWork) {}
