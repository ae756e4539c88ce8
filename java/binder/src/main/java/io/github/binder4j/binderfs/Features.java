package io.github.binder4j.binderfs;

import java.util.Locale;
import java.util.Set;

/**
 * What the driver can do, by its own word: the files in an instance's {@code features} directory.
 *
 * @param names the names of all features the driver offers, sorted, those included that this library does not know
 */
public record Features(Set<String> names) {
    /** Features this library knows. */
    public enum Feature {
        /** BR_ONEWAY_SPAM_SUSPECT, once asked for. */
        ONEWAY_SPAM_DETECTION,
        /** BINDER_GET_EXTENDED_ERROR. */
        EXTENDED_ERROR,
        /** Notices of other processes' being frozen and thawed. */
        FREEZE_NOTIFICATION,
        /** Reports of failed transactions through netlink. */
        TRANSACTION_REPORT;

        /**
         * Its name in binderfs.
         *
         * @return the name of the file
         */
        public String fileName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Whether the driver offers a feature.
     *
     * @param feature one this library knows
     * @return true if it does
     */
    public boolean has(Feature feature) {
        return names.contains(feature.fileName());
    }
}
