package org.nautile.models.report;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a reader of a live page has not been sent yet. Whoever adds never waits: a queue that is full forgets all it holds, and
 * is stale from then on, until its reader is told everything anew.
 */
final class EventQueue {
    private final int most;
    private final int life;
    private int age; // events since everything was told
    private final Deque<byte[]> events = new ArrayDeque<>();
    private boolean stale;
    private boolean ended;
    private long dropped;
    private int longest;

    /**
     * A queue that is stale: its reader knows nothing yet.
     *
     * @param most the events that it holds
     * @param life the events after which the reader is told everything anew
     */
    EventQueue(int most, int life) {
        this.most = most;
        this.life = life;
        this.stale = true;
    }

    /** Adds an event; of a stale queue it would be told too early. */
    synchronized void add(byte[] event) {
        if (stale) {
            dropped++;
        } else if (events.size() == most) {
            dropped += events.size() + 1L;
            makeStale();
        } else if (++age > life) {
            makeStale();
        } else {
            events.add(event);
            longest = Math.max(longest, events.size());
            notifyAll();
        }
    }

    /** What the reader knows is no longer worth adding to. */
    synchronized void makeStale() {
        events.clear();
        stale = true;
        notifyAll();
    }

    /** Lets the reader come to its end after what it has not been sent. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** The reader is told everything now. */
    synchronized void refresh() {
        stale = false;
        age = 0;
    }

    synchronized boolean stale() {
        return stale;
    }

    /**
     * All that waits, one after the other; waits itself for as long as nothing does.
     *
     * @return empty if the queue is stale, or nothing came in time; null at the end
     */
    synchronized byte @Nullable [] take(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        while (events.isEmpty() && !stale && !ended) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return new byte[0];
            }
            wait(left);
        }
        if (events.isEmpty() && !stale) {
            return null;
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        events.forEach(all::writeBytes);
        events.clear();
        return all.toByteArray();
    }

    /** Events that this reader never got one by one. */
    synchronized long dropped() {
        return dropped;
    }

    /** The most events that ever waited. */
    synchronized int longest() {
        return longest;
    }
}
