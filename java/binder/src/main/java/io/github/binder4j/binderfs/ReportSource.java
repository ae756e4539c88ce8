package io.github.binder4j.binderfs;

import io.github.binder4j.natives.BinderNative;

/** Where reports come from: the seam at which a test scripts them. Results are negative for an errno. */
interface ReportSource {
    /** The attributes of the next report at an address; returns their size, or 0 if the time is over. */
    int receive(long address, int sizeBytes, int timeoutMs);

    /** How many were dropped so far. */
    long dropped();

    void close();

    /** A socket of the kernel's, as {@link BinderNative#openReports} returns it. */
    static ReportSource ofSocket(long opened) {
        int fd = (int) opened;
        int family = (int) (opened >>> 32);
        return new ReportSource() {
            @Override
            public int receive(long address, int sizeBytes, int timeoutMs) {
                return BinderNative.receiveReport(fd, family, address, sizeBytes, timeoutMs);
            }

            @Override
            public long dropped() {
                return BinderNative.droppedReports(fd);
            }

            @Override
            public void close() {
                BinderNative.closeFd(fd);
            }
        };
    }
}
