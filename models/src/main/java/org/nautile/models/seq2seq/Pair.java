package org.nautile.models.seq2seq;

/**
 * An example of a task.
 *
 * @param subject what it is about, as a number: the day, counted from 1970-01-01, or the number itself
 * @param source what is read
 * @param target what is to be written
 */
public record Pair(int subject, String source, String target) {}
