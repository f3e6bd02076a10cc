package org.nautile.models.series;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nautile.io.DataException;
import org.nautile.io.TextFile;

/**
 * A column of a file of comma-separated values. The first row names the columns. A field may stand in double quotes,
 * and then hold commas, line ends, and quotes written twice (RFC 4180).
 */
public final class CsvColumn {
    private final Path file;
    private final String text;
    private int at;
    private int line = 1;

    private CsvColumn(Path file, String text) {
        this.file = file;
        this.text = text;
    }

    /**
     * Reads a column of numbers.
     *
     * @param file UTF-8, plain or compressed with gzip, a row of names and rows of as many fields
     * @param column its name
     * @return the numbers, from the top, all finite
     * @throws DataException if there is no such column, a row has more or fewer fields than the first, or a field of
     *     the column is not a finite number
     * @throws IOException if the file cannot be read
     */
    public static double[] read(Path file, String column) throws IOException {
        return new CsvColumn(file, TextFile.read(file)).numbers(column);
    }

    private double[] numbers(String column) throws DataException {
        List<String> names = row();
        int index = names.indexOf(column);
        if (index < 0) {
            throw DataException.atLine(file, 1, "no column '" + column + "' found, one of " + names + " expected");
        }
        if (names.lastIndexOf(column) != index) {
            throw DataException.atLine(file, 1, "two columns '" + column + "'");
        }
        List<Double> numbers = new ArrayList<>();
        while (at < text.length()) {
            int first = line;
            List<String> row = row();
            if (names.size() > 1 && row.size() == 1 && row.get(0).isEmpty()) {
                continue; // an empty line; of a file of one column, a missing number
            }
            if (row.size() != names.size()) {
                throw DataException.atLine(file, first, row.size() + " fields, " + names.size() + " expected");
            }
            numbers.add(number(row.get(index), first, column));
        }
        return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private double number(String field, int row, String column) throws DataException {
        double value;
        try {
            value = Double.parseDouble(field.strip());
        } catch (NumberFormatException e) {
            value = Double.NaN;
        }
        if (!Double.isFinite(value)) {
            throw DataException.atLine(
                    file, row, "column '" + column + "': '" + field + "'; a finite number is expected");
        }
        return value;
    }

    /** The fields up to the end of the line, which is passed over. */
    private List<String> row() throws DataException {
        List<String> fields = new ArrayList<>();
        while (true) {
            fields.add(at < text.length() && text.charAt(at) == '"' ? quoted(fields.size() + 1) : plain());
            if (at < text.length() && text.charAt(at) == ',') {
                at++;
                continue;
            }
            if (at < text.length() && text.charAt(at) == '\r') {
                at++;
            }
            if (at < text.length() && text.charAt(at) == '\n') {
                at++;
            }
            line++;
            return fields;
        }
    }

    private String plain() {
        int start = at;
        while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }

    private String quoted(int field) throws DataException {
        int opened = line;
        StringBuilder content = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                if (at == text.length() || text.charAt(at) != '"') {
                    if (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
                        throw DataException.atLine(file, line, "field " + field + ": text after the closing quote");
                    }
                    return content.toString();
                }
            } else if (c == '\n') {
                line++;
            }
            content.append(c);
        }
        throw DataException.atLine(file, opened, "field " + field + ": a quote that is never closed");
    }
}
