package org.syntagen.server.board;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
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
 * is written into the audit log. While one of them waits for it to be made anew, the others get it
 * as it was. It runs after access was decided.
 */
@Component
class VisitorsBoards extends OncePerRequestFilter {
  private static final String GZIP = "gzip";

  private final Audit audit;
  private final Map<String, Place> places = // by board
      Arrays.stream(Board.values()).collect(Collectors.toMap(Board::name, board -> new Place()));

  /** A page as of an entry of the audit log. */
  private record Page(int lastEntry, String type, byte[] plain, byte[] compressed) {}

  /** Where the page of a board is kept. */
  private static final class Place {
    private final ReentrantLock making = new ReentrantLock();
    private volatile Page page; // null at first
  }

  VisitorsBoards(Audit audit) {
    this.audit = audit;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getServletPath().equals("/leaderboard")
        || !HttpMethod.GET.matches(request.getMethod())
        || request.getUserPrincipal() != null
        || !places.containsKey(board(request));
  }

  private static String board(HttpServletRequest request) {
    String board = request.getParameter("board");
    return board == null ? LeaderboardPages.DEFAULT : board;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Place place = places.get(board(request));
    Page known = place.page;
    if (known == null) {
      place.making.lock();
    } else if (known.lastEntry == audit.lastNumber() || !place.making.tryLock()) {
      send(known, request, response);
      return;
    }
    try {
      int number = audit.lastNumber();
      if (place.page == null || place.page.lastEntry != number) {
        ContentCachingResponseWrapper rendered = new ContentCachingResponseWrapper(response);
        chain.doFilter(request, rendered);
        if (rendered.getStatus() != HttpServletResponse.SC_OK) {
          rendered.copyBodyToResponse();
          return;
        }
        byte[] plain = rendered.getContentAsByteArray();
        place.page = new Page(number, rendered.getContentType(), plain, compressed(plain));
        rendered.resetBuffer();
      }
    } finally {
      place.making.unlock();
    }
    send(place.page, request, response);
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
