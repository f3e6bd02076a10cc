package org.nautile.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response as a stream whose reader waits for so long and no longer. The stream of the JDK's own body handler
 * waits for ever for a server that has stopped sending: the timeout of a request ends with the headers.
 */
final class PatientBody extends InputStream implements BodySubscriber<PatientBody> {
    private final Duration patience;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>(); // at most one piece, asked for singly
    private ByteBuffer current = ByteBuffer.allocate(0);
    private @Nullable Subscription subscription;
    private boolean closed;

    /** What arrives: buffers, or neither those nor a failure at the end. */
    private record Event(
            @Nullable List<ByteBuffer> piece, @Nullable Throwable failure) {}

    PatientBody(Duration patience) {
        this.patience = patience;
    }

    @Override
    public CompletionStage<PatientBody> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public synchronized void onSubscribe(Subscription s) {
        subscription = s;
        if (closed) {
            s.cancel();
        } else {
            s.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> piece) {
        events.add(new Event(piece, null));
    }

    @Override
    public void onError(Throwable failure) {
        events.add(new Event(null, failure));
    }

    @Override
    public void onComplete() {
        events.add(new Event(null, null));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (!current.hasRemaining()) {
            Event event = next();
            if (event.failure != null) {
                throw new IOException(event.failure.getMessage(), event.failure);
            } else if (event.piece == null) {
                events.add(event); // the end stays the end
                return -1;
            }
            current = joined(event.piece);
            askForMore();
        }
        int count = Math.min(length, current.remaining());
        current.get(into, offset, count);
        return count;
    }

    private synchronized void askForMore() {
        if (subscription != null) {
            subscription.request(1);
        }
    }

    private Event next() throws IOException {
        try {
            Event event = events.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
            if (event == null) {
                throw new HttpTimeoutException("no data");
            }
            return event;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private static ByteBuffer joined(List<ByteBuffer> buffers) {
        ByteBuffer all = ByteBuffer.allocate(
                buffers.stream().mapToInt(ByteBuffer::remaining).sum());
        buffers.forEach(all::put);
        return all.flip();
    }

    /** Tells the server that no more is wanted. */
    @Override
    public synchronized void close() {
        closed = true;
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
