package org.nautile.models.report;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * A page that shows numbers while they come about, for browsers of this machine: an HTTP server on 127.0.0.1 that gives the
 * page and a stream of events ({@code text/event-stream}).
 *
 * <p>Whoever adds numbers never waits for a reader. Each reader has a queue of at most {@link #QUEUE} events; one that is slower
 * loses what is in it and is sent the history instead, which also those get who come late. The history is at most
 * {@link #ROWS} rows a panel: then neighbours are merged. After as many events a reader is sent it anew, so that a page in a
 * browser does not grow either.
 */
public final class LivePage implements AutoCloseable {
    static final int QUEUE = 64;
    static final int ROWS = 1000;
    static final int READERS = 64;
    private static final int OTHERS = 128; // threads for the page itself, and for connections that say nothing
    private static final long HEARTBEAT_MILLIS = 5000; // finds readers that are gone
    private static final long PATIENCE_MILLIS = 1000; // at the end, for readers that are slow
    private static final Pattern HOST = Pattern.compile("(?i)(localhost|127\\.0\\.0\\.1)(:\\d{1,5})?");
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final HttpServer server;
    private final ThreadPoolExecutor executor;
    private final String title;
    private final Set<EventQueue> readers = new LinkedHashSet<>();
    private final long run = System.nanoTime(); // tells this training from the next on the same port
    private List<Panel> panels = List.of();
    private List<LiveHistory> histories = List.of();
    private boolean ended;
    private long droppedByGone;
    private int longestOfGone;

    /**
     * Curves on one pair of axes.
     *
     * @param title stands above
     * @param xLabel what is on the x-axis
     * @param yLabel what is on the y-axis
     * @param series the names of the curves
     */
    public record Panel(String title, String xLabel, String yLabel, List<String> series) {
        /**
         * Keeps the list.
         *
         * @param title stands above
         * @param xLabel of the x-axis
         * @param yLabel of the y-axis
         * @param series the names of the curves
         */
        public Panel {
            series = List.copyOf(series);
        }
    }

    /**
     * New points of a panel.
     *
     * @param panel its index
     * @param values x, then a value of each curve, NaN for none
     */
    public record Row(int panel, double... values) {}

    /**
     * Starts to listen.
     *
     * @param port on 127.0.0.1; 0 for any that is free
     * @param title stands above the page
     * @throws IOException if the port is not free
     */
    public LivePage(int port, String title) throws IOException {
        this.title = title;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0);
        executor = new ThreadPoolExecutor(
                READERS + OTHERS, READERS + OTHERS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "nautile-live-" + THREADS.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        server.setExecutor(executor);
        server.createContext("/", this::handle);
        server.start();
    }

    /**
     * Where the page is.
     *
     * @return for example {@code http://127.0.0.1:8080/}
     */
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    /**
     * Begins anew with empty panels.
     *
     * @param list what is shown
     */
    public synchronized void begin(List<Panel> list) {
        panels = List.copyOf(list);
        histories = panels.stream().map(panel -> new LiveHistory(ROWS)).toList();
        readers.forEach(EventQueue::makeStale);
    }

    /**
     * Shows more points. Returns at once, however slow readers are.
     *
     * @param rows the points
     * @throws IllegalArgumentException if a row does not fit its panel
     */
    public synchronized void add(List<Row> rows) {
        for (Row row : rows) {
            int expected = 1 + panels.get(row.panel()).series().size();
            if (row.values().length != expected) {
                throw new IllegalArgumentException(row.values().length + " values for panel '"
                        + panels.get(row.panel()).title() + "', which has " + expected);
            }
            histories.get(row.panel()).add(row.values());
        }
        if (!readers.isEmpty()) {
            byte[] event =
                    event("rows", Html.json(rows.stream().map(LivePage::plain).toList()));
            readers.forEach(reader -> reader.add(event));
        }
    }

    private static List<Object> plain(Row row) {
        return List.of(row.panel(), plain(row.values()));
    }

    /** Numbers for JSON, which has no NaN, with as many digits as a curve can show. */
    private static List<Float> plain(double... values) {
        List<Float> list = new ArrayList<>();
        for (double value : values) {
            if (Double.isFinite(value)) {
                list.add((float) value);
            } else {
                list.add(null);
            }
        }
        return list;
    }

    private static byte[] event(String name, String json) {
        return ("event: " + name + "\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Everything so far as one event; the reader's queue goes on from there. */
    private synchronized byte[] history(EventQueue reader) {
        reader.refresh();
        List<Map<String, Object>> list = new ArrayList<>();
        for (int i = 0; i < panels.size(); i++) {
            Map<String, Object> panel = new LinkedHashMap<>();
            panel.put("title", panels.get(i).title());
            panel.put("xLabel", panels.get(i).xLabel());
            panel.put("yLabel", panels.get(i).yLabel());
            panel.put("series", panels.get(i).series());
            panel.put(
                    "rows",
                    histories.get(i).rows().stream().map(LivePage::plain).toList());
            list.add(panel);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("run", Long.toString(run));
        all.put("panels", list);
        return event("history", Html.json(all));
    }

    // ------------------------------------------------------------------ requests

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getRawPath();
            if (!isForUs(exchange.getRequestHeaders())) {
                // a page from elsewhere whose name its owner lets mean 127.0.0.1 comes with that name
                answer(exchange, 421, "text/plain", "This page is for browsers of this machine, at " + address());
            } else if (!isFromUs(exchange.getRequestHeaders())) {
                answer(exchange, 403, "text/plain", "Other pages may not read this.");
            } else if (!"/".equals(path) && !"/events".equals(path)) {
                answer(exchange, 404, "text/plain", "There is only " + address());
            } else if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                answer(exchange, 405, "text/plain", "Only GET and HEAD.");
            } else if ("/".equals(path)) {
                answer(exchange, 200, "text/html", page());
            } else {
                stream(exchange);
            }
        }
    }

    private static boolean isForUs(Headers headers) {
        List<String> hosts = headers.get("Host");
        return hosts != null && hosts.size() == 1 && HOST.matcher(hosts.get(0)).matches();
    }

    /** A script of a page from elsewhere names that page. */
    private static boolean isFromUs(Headers headers) {
        String origin = headers.getFirst("Origin");
        return origin == null || origin.equals("http://" + headers.getFirst("Host"));
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type + "; charset=utf-8");
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Content-Security-Policy", "frame-ancestors 'none'");
        boolean head = "HEAD".equals(exchange.getRequestMethod());
        exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
        if (!head) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private String page() {
        return Html.head(title, "'self'")
                + "<body class=\"live\" data-run=\"" + run
                + "\">\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
                + "<header>\n<h1>" + Html.escape(title) + "</h1>\n"
                + "<p id=\"state\" role=\"status\">connecting</p>\n</header>\n"
                + "<main id=\"main\" tabindex=\"-1\"><noscript><p>This page needs scripts; the report that training leaves"
                + " does not.</p></noscript></main>\n"
                + Html.scripts() + "<script>\n" + Html.resource("live.js") + "</script>\n</body>\n</html>\n";
    }

    private void stream(HttpExchange exchange) throws IOException {
        EventQueue reader = new EventQueue(QUEUE, ROWS);
        if (!admit(reader)) {
            answer(exchange, 503, "text/plain", "Enough readers.");
            return;
        }
        try {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            boolean head = "HEAD".equals(exchange.getRequestMethod());
            exchange.sendResponseHeaders(200, head ? -1 : 0);
            if (!head) {
                send(reader, exchange.getResponseBody());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                readers.remove(reader);
                droppedByGone += reader.dropped();
                longestOfGone = Math.max(longestOfGone, reader.longest());
                notifyAll();
            }
        }
    }

    private synchronized boolean admit(EventQueue reader) {
        return readers.size() < READERS && !ended && readers.add(reader);
    }

    private void send(EventQueue reader, OutputStream out) throws IOException, InterruptedException {
        for (byte[] next = reader.take(0); next != null; next = reader.take(HEARTBEAT_MILLIS)) {
            if (reader.stale()) {
                next = history(reader);
            } else if (next.length == 0) {
                next = ": still here\n\n".getBytes(StandardCharsets.UTF_8);
            }
            out.write(next);
            out.flush();
        }
        out.write(event("end", "{}"));
        out.flush();
    }

    /** Tells readers that this is the end, and stops listening; those that do not read are cut off after a second. */
    @Override
    public void close() {
        synchronized (this) {
            ended = true;
            readers.forEach(EventQueue::end);
            long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
            try {
                for (long left = PATIENCE_MILLIS; left > 0 && !readers.isEmpty(); ) {
                    wait(left);
                    left = (end - System.nanoTime()) / 1_000_000;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        server.stop(0);
        executor.shutdownNow();
    }

    // ------------------------------------------------------------------ for tests

    synchronized int readers() {
        return readers.size();
    }

    /** Ends without a word to anyone. */
    void cut() {
        server.stop(0);
    }

    /** Events that readers did not get one by one. */
    synchronized long dropped() {
        return droppedByGone + readers.stream().mapToLong(EventQueue::dropped).sum();
    }

    /** The most events that ever waited for a reader. */
    synchronized int longestQueue() {
        return Math.max(
                longestOfGone,
                readers.stream().mapToInt(EventQueue::longest).max().orElse(0));
    }

    /** The most rows of a panel now. */
    synchronized int rows() {
        return histories.stream()
                .mapToInt(history -> history.rows().size())
                .max()
                .orElse(0);
    }
}
