package org.syntagen.server.board;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;
import org.syntagen.challenge.ranking.Board;
import org.syntagen.server.audit.Audit;

/**
 * Hands visitors a leaderboard as it was made for one of them, because hundreds look at it around a
 * deadline. Without a name in its frame it is the same for all of them, and it changes only by what
 * is written into the audit log. It runs after access was decided.
 */
@Component
class VisitorsBoards extends OncePerRequestFilter {
  private static final String GZIP = "gzip";

  private final Audit audit;
  private final Map<String, Page> pages = new ConcurrentHashMap<>(); // by board

  /** A page as of an entry of the audit log. */
  private record Page(int lastEntry, String type, byte[] plain, byte[] compressed) {}

  VisitorsBoards(Audit audit) {
    this.audit = audit;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getServletPath().equals("/leaderboard")
        || !HttpMethod.GET.matches(request.getMethod())
        || request.getUserPrincipal() != null
        || !isKnown(board(request));
  }

  private static String board(HttpServletRequest request) {
    String board = request.getParameter("board");
    return board == null ? Board.RECOMPUTED.name() : board;
  }

  private static boolean isKnown(String name) {
    return Arrays.stream(Board.values()).anyMatch(board -> board.name().equals(name));
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    int number = audit.lastNumber();
    Page page = pages.get(board(request));
    if (page == null || page.lastEntry != number) {
      ContentCachingResponseWrapper rendered = new ContentCachingResponseWrapper(response);
      chain.doFilter(request, rendered);
      if (rendered.getStatus() != HttpServletResponse.SC_OK) {
        rendered.copyBodyToResponse();
        return;
      }
      byte[] plain = rendered.getContentAsByteArray();
      page = new Page(number, rendered.getContentType(), plain, compressed(plain));
      pages.put(board(request), page);
      rendered.resetBuffer();
    }
    send(page, request, response);
  }

  private static void send(Page page, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String encodings = request.getHeader(HttpHeaders.ACCEPT_ENCODING);
    boolean compressed = encodings != null && encodings.contains(GZIP);
    byte[] bytes = compressed ? page.compressed : page.plain;
    response.setContentType(page.type);
    response.setHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
    if (compressed) {
      response.setHeader(HttpHeaders.CONTENT_ENCODING, GZIP);
    }
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
  }

  private static byte[] compressed(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    }
    return bytes.toByteArray();
  }
}
