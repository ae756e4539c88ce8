package io.github.binder4j.examples;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents tell a reader to type: programs, options, modules, profiles and classes are there. */
class CommandsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    private static final Pattern BLOCK = Pattern.compile("(?s)```sh\n(.*?)```");
    /** A script of this project, wherever it stands in a line, with what follows up to the next command. */
    private static final Pattern SCRIPT = Pattern.compile("(?:^|[ (])(?:\\./)?((?:ci|docker)/[a-z]+)((?: [^&;)]*)?)");

    private static final Pattern OPTION = Pattern.compile(" (--[a-z][a-z-]*)");
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
    /** No class has this name: it is given where none shall run. */
    private static final String NONE = "NoUnitTest";

    static Stream<String> commands() throws IOException {
        List<String> commands = new ArrayList<>();
        for (String document : List.of("CONTRIBUTING.md", "README.md")) {
            all(BLOCK, Files.readString(ROOT.resolve(document)))
                    .flatMap(block -> block.group(1).replaceAll("\\\\\n *", "").lines())
                    .map(line -> line.replaceAll("\\s*#.*", ""))
                    .filter(line -> !line.isBlank())
                    .forEach(commands::add);
        }
        return commands.stream();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void shouldNameScriptsAndOptionsThatExist(String command) {
        all(SCRIPT, command).forEach(script -> {
            String help = run(script.group(1), "--help");
            String ours = script.group(2).replaceAll(" -- .*", "");
            all(OPTION, ours)
                    .forEach(option -> assertTrue(help.contains(option.group(1)), command + ": " + option.group(1)));
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void shouldNameModulesProfilesAndClassesThatExist(String command) throws IOException {
        for (String module : values(command, "-pl ")) {
            assertTrue(Files.exists(ROOT.resolve(module).resolve("pom.xml")), command + ": no module " + module);
        }
        for (String profile : values(command, "-P")) {
            assertTrue(poms().contains("<id>" + profile + "</id>"), command + ": no profile " + profile);
        }
        for (String test : values(command, "-D(?:it\\.)?test=")) {
            assertTrue(test.equals(NONE) || isSource(test), command + ": no class " + test);
        }
        for (String name : values(command, "ci/java ")) {
            assertTrue(isSource(name.substring(name.lastIndexOf('.') + 1)), command + ": no class " + name);
        }
    }

    /** Maven fails in the first module that has no class of that name. */
    @ParameterizedTest
    @MethodSource("commands")
    void shouldChooseTestsSoThatOtherModulesNeedNotHaveThem(String command) {
        if (command.contains(" -am ")) {
            assertEquals(
                    command.contains("-Dit.test="),
                    command.contains("-Dfailsafe.failIfNoSpecifiedTests=false"),
                    command);
            assertEquals(
                    command.contains("-Dtest="), command.contains("-Dsurefire.failIfNoSpecifiedTests=false"), command);
        }
    }

    @Test
    void shouldFindTheCommands() throws IOException {
        assertTrue(commands().count() > 10, "where are they?");
    }

    private static Stream<MatchResult> all(Pattern pattern, String text) {
        return pattern.matcher(text).results();
    }

    private static List<String> values(String command, String option) {
        return all(Pattern.compile("(?<=[ ])" + option + "([^ ]+)"), command)
                .flatMap(found -> Stream.of(found.group(1).split(",")))
                .toList();
    }

    private static String poms() throws IOException {
        StringBuilder poms = new StringBuilder(Files.readString(ROOT.resolve("pom.xml")));
        for (String module :
                all(MODULE, poms.toString()).map(found -> found.group(1)).toList()) {
            poms.append(Files.readString(ROOT.resolve(module).resolve("pom.xml")));
        }
        return poms.toString();
    }

    private static boolean isSource(String name) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.anyMatch(file -> file.endsWith(name + ".java"));
        }
    }

    /** Runs a script of this project and returns what it says. */
    static String run(String... command) {
        try {
            List<String> words = new ArrayList<>(List.of(command));
            words.set(0, ROOT.resolve(command[0]).toString());
            Process process = new ProcessBuilder(words)
                    .directory(ROOT.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), Stream.of(command).collect(joining(" ")) + ":\n" + output);
            return output;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(command[0], e);
        }
    }
}
