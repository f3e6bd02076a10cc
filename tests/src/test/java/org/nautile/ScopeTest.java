package org.nautile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ScopeTest {
    private static Tensor make() {
        return Tensor.of(Devices.reference(), new float[] {1, 2}, Shape.of(2));
    }

    @Test
    void closesWhatWasMadeInside() {
        Tensor outer;
        Tensor inner;
        Tensor view;
        try (Scope scope = new Scope()) {
            outer = make();
            try (Scope nested = new Scope()) {
                inner = make();
                view = outer.view(Shape.of(1), 0, 1);
            }
            assertTrue(inner.isClosed());
            assertTrue(view.isClosed());
            assertFalse(outer.isClosed());
            assertEquals(1, outer.toFloatArray()[0], "the view's end is not the tensor's");
        }
        assertTrue(outer.isClosed());
    }

    @Test
    void keepMovesOneScopeOutward() {
        try (Scope first = new Scope()) {
            Tensor kept;
            try (Scope second = new Scope()) {
                try (Scope third = new Scope()) {
                    kept = make();
                    assertSame(kept, third.keep(kept));
                    assertSame(kept, first.keep(kept), "not first's, left as it is");
                }
                assertFalse(kept.isClosed());
            }
            assertTrue(kept.isClosed(), "second owned it");
        }
    }

    @Test
    void keepFromTheOutermostLeavesItToClose() {
        Tensor kept;
        try (Scope scope = new Scope()) {
            kept = scope.keep(make());
        }
        assertFalse(kept.isClosed());
        kept.close();
        assertTrue(kept.isClosed());
    }

    @Test
    void keepOfAnOuterScopeWhileAnInnerOneIsOpen() {
        Tensor kept;
        try (Scope outer = new Scope()) {
            Tensor made = make();
            try (Scope inner = new Scope()) {
                kept = outer.keep(made);
            }
        }
        assertFalse(kept.isClosed(), "moved out of outer, not into inner");
        kept.close();
    }

    @Test
    void takeAndDisown() {
        Tensor free = make();
        Tensor disowned;
        try (Scope scope = new Scope()) {
            disowned = Scope.disown(make());
            scope.take(free);
            scope.take(free);
        }
        assertTrue(free.isClosed());
        assertFalse(disowned.isClosed());
        disowned.close();
    }

    @Test
    void closedTensorsMayBeHandedOn() {
        try (Scope scope = new Scope()) {
            Tensor closed = make();
            closed.close();
            scope.keep(closed);
            scope.take(closed);
            Scope.disown(closed);
            assertTrue(closed.isClosed());
        }
    }

    @Test
    void closeOrderIsChecked() {
        Scope outer = new Scope();
        Scope inner = new Scope();
        Errors.says(IllegalStateException.class, outer::close, "still open");
        inner.close();
        outer.close();
        Errors.says(IllegalStateException.class, outer::close, "closed");
    }

    @Test
    void aScopeBelongsToItsThread() {
        try (Scope scope = new Scope()) {
            Tensor elsewhere = CompletableFuture.supplyAsync(ScopeTest::make).join();
            CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> {
                try (Scope own = new Scope()) {
                    scope.close();
                }
            });
            Errors.says(CompletionException.class, closing::join, "IllegalStateException", "another thread");
            Tensor mine = make();
            assertFalse(mine.isClosed());
            try (Scope inner = new Scope()) {
                scope.take(elsewhere);
            }
            assertFalse(elsewhere.isClosed());
        }
    }

    /** Closed tensors must not pile up in a scope that is open for long. */
    @Test
    void aLongScopeForgetsWhatWasClosed() {
        try (Scope scope = new Scope()) {
            Tensor first = make();
            for (int i = 0; i < 5000; i++) {
                make().close();
            }
            Tensor last = make();
            assertFalse(first.isClosed() || last.isClosed());
            first.close();
        }
    }

    @Test
    void theTraceSaysWhereALeakWasMade() throws Exception {
        ChildJvm.Outcome child =
                new ChildJvm(Leak.class).option("-Dnautile.leak=trace").run();
        assertEquals(0, child.code(), child::output);
        assertTrue(child.output().contains("left to the garbage collector"), child::output);
        assertTrue(child.output().contains("[7] float32 on reference"), child::output);
        assertTrue(child.output().contains("ScopeTest$Leak.leakSeven"), child::output);
        assertFalse(child.output().contains("[8]"), child::output);

        ChildJvm.Outcome silent = new ChildJvm(Leak.class).run();
        assertFalse(silent.output().contains("garbage"), silent::output);
    }

    /** Leaves one tensor to the garbage collector and closes another. */
    static final class Leak {
        public static void main(String[] args) throws InterruptedException {
            leakSeven();
            Tensor.full(Device.of("reference"), DType.FLOAT32, Shape.of(8), 0).close();
            for (int i = 0; i < 20; i++) {
                System.gc();
                Thread.sleep(50);
            }
        }

        private static void leakSeven() {
            Tensor.full(Device.of("reference"), DType.FLOAT32, Shape.of(7), 0);
        }
    }
}
