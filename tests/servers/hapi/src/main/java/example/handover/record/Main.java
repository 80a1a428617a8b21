package example.handover.record;

import ca.uhn.fhir.rest.server.RestfulServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * HAPI FHIR JPA (R4) at {@code http://HOST:PORT/fhir}.
 *
 * <p>{@code --settings FILE} (needed) names a properties file, see {@link Settings};
 * {@code --host NAME} and {@code --port N} override its own (port 0 takes a free one); {@code --validate} refuses whatever
 * does not pass the base R4 definitions; {@code --stay} keeps it running when standard input
 * closes. When it answers, one JSON line {@code {"base": ...}} is written to standard output.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Deque<String> left = new ArrayDeque<>(List.of(arguments));
        Path file = null;
        String host = null;
        String port = null;
        boolean validate = false;
        boolean stay = false;
        while (!left.isEmpty()) {
            switch (left.pop()) {
                case "--settings" -> file = Path.of(left.pop());
                case "--host" -> host = left.pop();
                case "--port" -> port = left.pop();
                case "--validate" -> validate = true;
                case "--stay" -> stay = true;
                default -> throw new IllegalArgumentException(
                        "usage: --settings FILE [--host NAME] [--port N] [--validate] [--stay]");
            }
        }
        if (file == null) {
            throw new IllegalArgumentException("--settings FILE is needed");
        }
        Settings settings = Settings.read(file, host, port, validate);
        Server web = serve(settings);
        if (!stay) {
            Thread watcher = new Thread(Main::endWithStandardInput, "standard-input");
            watcher.setDaemon(true);
            watcher.start();
        }
        web.join();
    }

    private static Server serve(Settings settings) throws Exception {
        AnnotationConfigApplicationContext spring = new AnnotationConfigApplicationContext();
        spring.registerBean(Settings.class, () -> settings);
        spring.register(RecordConfig.class);
        spring.refresh();

        Server web = new Server(new QueuedThreadPool(settings.number("web.threads")));
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        // A search sent by GET may carry a page of identifiers; the default of 8 KiB refuses it.
        http.setRequestHeaderSize(32 * 1024);
        ServerConnector connector = new ServerConnector(web, new HttpConnectionFactory(http));
        connector.setHost(settings.text("web.host"));
        connector.setPort(settings.number("web.port"));
        web.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(new ServletHolder(spring.getBean(RestfulServer.class)), "/fhir/*");
        web.setHandler(context);
        web.setStopAtShutdown(true);
        Runtime.getRuntime().addShutdownHook(new Thread(spring::close));
        web.start();
        System.out.println("{\"base\": \"http://" + host(settings) + ":" + connector.getLocalPort() + "/fhir\"}");
        System.out.flush();
        return web;
    }

    private static String host(Settings settings) throws IOException {
        InetAddress address = new InetSocketAddress(settings.text("web.host"), 0).getAddress();
        return address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress().getHostAddress() : address.getHostAddress();
    }

    private static void endWithStandardInput() {
        try {
            while (System.in.read() >= 0) {
                // what is typed means nothing; only the end does
            }
        } catch (IOException closed) {
            // the same as its end
        }
        System.exit(0);
    }
}
