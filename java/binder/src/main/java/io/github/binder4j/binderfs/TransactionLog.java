package io.github.binder4j.binderfs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The last transactions of the kernel, of all devices: it keeps 32, and of those that failed another 32.
 *
 * @param transactions the oldest first
 * @param unparsed lines this library does not understand
 */
public record TransactionLog(List<LoggedTransaction> transactions, List<String> unparsed) {
    /** As {@code print_binder_transaction_log_entry} of drivers/android/binder.c writes it. A context may have spaces. */
    private static final Pattern ENTRY = Pattern.compile("(?<id>-?\\d+): (?<kind>call|async|reply) +"
            + "from (?<fromPid>-?\\d+):(?<fromTid>-?\\d+) to (?<toPid>-?\\d+):(?<toTid>-?\\d+)"
            + " context (?<context>.*) node (?<node>-?\\d+) handle (?<handle>-?\\d+)"
            + " size (?<data>-?\\d+):(?<offsets>-?\\d+)"
            + " ret (?<error>-?\\d+)/(?<param>-?\\d+) l=(?<line>-?\\d+)(?<incomplete> \\(incomplete\\))?");

    /**
     * Reads what was saved earlier.
     *
     * @param text the text of {@code transaction_log} or {@code failed_transaction_log}
     * @return its values
     */
    public static TransactionLog parse(String text) {
        List<LoggedTransaction> transactions = new ArrayList<>();
        List<String> unparsed = new ArrayList<>();
        for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
            LoggedTransaction transaction = Fields.read(ENTRY, line.strip(), TransactionLog::transaction);
            if (transaction == null) {
                unparsed.add(line.strip());
            } else {
                transactions.add(transaction);
            }
        }
        return new TransactionLog(List.copyOf(transactions), List.copyOf(unparsed));
    }

    private static LoggedTransaction transaction(Fields fields) {
        return new LoggedTransaction(
                fields.number("id"),
                TransactionKind.valueOf(fields.text("kind").toUpperCase(Locale.ROOT)),
                fields.number("fromPid"),
                fields.number("fromTid"),
                fields.number("toPid"),
                fields.number("toTid"),
                fields.text("context"),
                fields.number("node"),
                fields.number("handle"),
                fields.large("data"),
                fields.large("offsets"),
                fields.number("error"),
                fields.number("param"),
                fields.number("line"),
                !fields.has("incomplete"));
    }
}
