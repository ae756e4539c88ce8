package io.github.binder4j.natives;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Gives a file a name that the locale has no characters for, by each way to name one, and opens it from C. */
final class FileNamesProgram {
    private static final String NAME = "ger\u00e4t-\u65e5";

    private FileNamesProgram() {}

    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        String text = directory + "/" + NAME;

        check("made from text", BinderNative.openFile(text, 0x41, 0600) >= 0); // O_WRONLY | O_CREAT
        check("path of text", Files.exists(FileNames.path(text)));
        check("path of bytes", Files.exists(FileNames.path(text.getBytes(StandardCharsets.UTF_8))));
        check("resolved", Files.exists(FileNames.resolve(directory, NAME)));
        check("opened by path", BinderNative.openFile(FileNames.bytes(FileNames.resolve(directory, NAME)), 0, 0) >= 0);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                check("name listed", FileNames.lastName(file).equals(NAME));
                check("listed", BinderNative.openFile(FileNames.bytes(file), 0, 0) >= 0);
            }
        }
        Path nested = FileNames.resolve(Files.createDirectory(FileNames.resolve(directory, NAME + " %41")), "x");
        check(
                "directory",
                Arrays.equals(FileNames.bytes(nested.getParent()), (text + " %41\0").getBytes(StandardCharsets.UTF_8)));
    }

    private static void check(String what, boolean holds) {
        System.out.println(what + (holds ? ": yes" : ": NO"));
    }
}
