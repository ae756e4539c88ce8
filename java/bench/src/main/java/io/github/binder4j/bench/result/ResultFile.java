package io.github.binder4j.bench.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Results as JSON. */
public final class ResultFile {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .defaultPropertyInclusion(JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, null))
            .build();

    private ResultFile() {}

    /**
     * Reads a result file.
     *
     * @throws IOException if it cannot be read, is none, or is of another format; the message names it
     */
    public static Results read(Path file) throws IOException {
        Results results;
        try {
            results = JSON.readValue(Files.readAllBytes(file), Results.class);
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is no result file of the benchmarks: " + e.getOriginalMessage(), e);
        }
        if (results == null || results.format() != Results.FORMAT) {
            throw new IOException(file + " has format " + (results == null ? "none" : results.format())
                    + ", this program reads " + Results.FORMAT + ": make it again");
        }
        return results;
    }

    /** Writes a result file, in place of one that is there. */
    public static void write(Results results, Path file) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(results) + "\n");
    }
}
