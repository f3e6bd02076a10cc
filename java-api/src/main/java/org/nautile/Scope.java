package org.nautile;

import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The lifetime of tensors: those made by this thread while the scope is the innermost open one are closed with it.
 *
 * <pre>{@code
 * try (Scope scope = new Scope()) {
 *     Tensor hidden = ...;          // closed at the end of the block
 *     return scope.keep(result);    // belongs to the enclosing scope from now on
 * }
 * }</pre>
 *
 * <p>A scope belongs to the thread that opened it. With the system property {@code nautile.leak=trace}, every tensor that
 * was left to the garbage collector is logged with the place where it was made (slow).
 */
public final class Scope implements AutoCloseable {
    private static final boolean TRACE = "trace".equals(System.getProperty("nautile.leak"));
    private static final Cleaner CLEANER = Cleaner.create();
    private static final ThreadLocal<Deque<Scope>> OPEN = ThreadLocal.withInitial(ArrayDeque::new);

    private final Members members = new Members();
    private final Deque<Scope> stack;

    /** Opens a scope inside the innermost open one. */
    public Scope() {
        stack = OPEN.get();
        stack.push(this);
    }

    /**
     * Moves a tensor out of this scope: the enclosing scope owns it from now on, or, if there is none, {@link
     * Tensor#close} and the garbage collector.
     *
     * @param tensor a tensor; one that this scope does not own is left as it is
     * @return the tensor
     */
    public Tensor keep(Tensor tensor) {
        if (tensor.owner() == members) {
            Scope outer = null;
            boolean found = false;
            for (Scope scope : stack) { // innermost first
                if (found) {
                    outer = scope;
                    break;
                }
                found = scope == this;
            }
            hand(tensor, outer);
        }
        return tensor;
    }

    /**
     * Takes a tensor into this scope, whoever owned it: for what must live as long as a model, for example.
     *
     * @param tensor a tensor
     * @return the tensor
     */
    public Tensor take(Tensor tensor) {
        if (tensor.owner() != members) {
            hand(tensor, this);
        }
        return tensor;
    }

    /**
     * Takes a tensor out of every scope: {@link Tensor#close} or the garbage collector frees it. For what is made inside a
     * step but outlives it, such as an optimizer's state.
     *
     * @param tensor a tensor
     * @return the tensor
     */
    public static Tensor disown(Tensor tensor) {
        hand(tensor, null);
        return tensor;
    }

    private static void hand(Tensor tensor, @Nullable Scope to) {
        tensor.setOwner(to == null ? null : to.members);
        if (to != null) {
            to.members.add(tensor);
        }
    }

    /**
     * Closes the tensors of this scope.
     *
     * @throws IllegalStateException if a scope opened after this one is still open, this one was closed before, or another
     *     thread opened it
     */
    @Override
    public void close() {
        if (OPEN.get() != stack) {
            throw new IllegalStateException("the scope belongs to another thread");
        }
        if (stack.peek() != this) {
            throw new IllegalStateException(
                    stack.contains(this)
                            ? "a scope opened inside this one is still open"
                            : "the scope was closed before");
        }
        stack.pop();
        members.closeAll();
    }

    /** Gives a new tensor its owner. */
    static void adopt(Tensor tensor) {
        Scope scope = OPEN.get().peek();
        if (scope == null) {
            tensor.setOwner(null);
        } else {
            tensor.setOwner(scope.members);
            scope.members.add(tensor);
        }
    }

    /** The tensors of a scope. A tensor that was handed on or closed stays in the list until the next clean-up. */
    static final class Members {
        private final List<Tensor> tensors = new ArrayList<>();
        private int cleanAt = 1024;

        void add(Tensor tensor) {
            if (tensors.size() >= cleanAt) {
                tensors.removeIf(member -> member.isClosed() || member.owner() != this);
                cleanAt = Math.max(1024, 2 * tensors.size());
            }
            tensors.add(tensor);
        }

        void closeAll() {
            for (int i = tensors.size() - 1; i >= 0; i--) {
                Tensor tensor = tensors.get(i);
                if (tensor.owner() == this) {
                    tensor.close();
                }
            }
            tensors.clear();
        }
    }

    /** Frees the storage of a tensor that no scope owns, when it is closed or becomes unreachable. */
    static final class Unowned implements Runnable {
        private final Storage storage; // not the tensor: it could then never become unreachable
        private final @Nullable Throwable trace;
        private final Cleaner.Cleanable cleanable;
        private volatile boolean closed;

        Unowned(Tensor tensor, Storage storage) {
            this.storage = storage;
            this.trace = TRACE ? new Throwable("tensor " + tensor + " was made here") : null;
            this.cleanable = CLEANER.register(tensor, this);
        }

        void close() {
            closed = true;
            cleanable.clean();
        }

        @Override
        public void run() {
            if (!closed && trace != null) {
                // here and not in a field: without a binding, SLF4J warns when the first logger is made
                LoggerFactory.getLogger(Scope.class)
                        .warn("a tensor was left to the garbage collector; close it or open a scope around it", trace);
            }
            storage.release();
        }
    }
}
