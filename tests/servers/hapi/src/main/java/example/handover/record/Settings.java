package example.handover.record;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * What a site decides about its record, read from a properties file (deploy/hapi.properties).
 *
 * <p>A value {@code ${NAME}} is taken from the environment, so that no password is in a file. A
 * setting that is missing or can't be read is an error at start-up, never a guessed default.
 */
public record Settings(Properties properties) {

    static Settings read(Path file, String host, String port, boolean validate) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        if (host != null) {
            properties.setProperty("web.host", host);
        }
        if (port != null) {
            properties.setProperty("web.port", port);
        }
        if (validate) {
            properties.setProperty("requests.validated", "true");
        }
        return new Settings(properties);
    }

    String text(String name) {
        String value = properties.getProperty(name);
        if (value == null) {
            throw new IllegalArgumentException("the settings lack " + name);
        }
        value = value.strip();
        if (value.startsWith("${") && value.endsWith("}")) {
            String variable = value.substring(2, value.length() - 1);
            value = System.getenv(variable);
            if (value == null) {
                throw new IllegalArgumentException(name + " is taken from " + variable + ", which is not set");
            }
        }
        return value;
    }

    int number(String name) {
        return Integer.parseInt(text(name));
    }

    boolean yes(String name) {
        return switch (text(name)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(name + " is neither true nor false");
        };
    }
}
