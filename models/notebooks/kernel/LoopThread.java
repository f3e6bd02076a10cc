package org.rapaio.jupyter.kernel.channels;

/**
 * In place of the kernel's class of this name (rapaio-jupyter-kernel 3.0.1), which lets its threads start before it sets the flag that
 * keeps them running: one that is quick ends at once, and the notebook waits for ever. Stands before the kernel's jar on the class path.
 */
class LoopThread extends Thread {
    private final long sleep;
    private final Runnable body;
    private volatile boolean running = true; // before start, not after

    LoopThread(String name, long sleep, Runnable body) {
        super(name);
        this.sleep = sleep;
        this.body = body;
    }

    @Override
    public void run() {
        try {
            while (running) {
                body.run();
                Thread.sleep(sleep);
            }
        } catch (InterruptedException e) {
            running = false;
        }
    }

    /** Lets the thread end after what it is at. */
    public void shutdown() {
        running = false;
    }
}
