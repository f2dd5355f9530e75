package org.syntagen.cli.page;

import java.util.Locale;

/**
 * A page under way. Text that comes from outside must go through {@link Html#escape} before it is
 * added.
 */
public final class Page {
  private static final String STYLE =
      """
      :root{color-scheme:light dark;--opacity:.6}
      body{font:15px/1.5 system-ui,sans-serif;max-width:1080px;margin:2rem auto;padding:0 1rem}
      h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.2rem}
      .figures{display:flex;gap:1rem;flex-wrap:wrap}
      .figures div{border:1px solid #8886;border-radius:8px;padding:.6rem 1rem;min-width:9rem}
      .figures b{display:block;font-size:1.5rem}
      .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:1rem}
      .wide{overflow-x:auto}figure{margin:0}figcaption{font-size:.85rem;opacity:.85}
      img{border-radius:3px;margin-right:2px}svg{width:100%;max-width:760px}
      table{border-collapse:collapse;width:100%}
      td,th{padding:.15rem .6rem;text-align:right}td:first-child,th:first-child{text-align:left}
      tr.best td{font-weight:bold}
      td.bar{width:60%}.track{background:#8883;border-radius:3px;height:9px;margin:2px 0}
      .track span{display:block;height:9px;border-radius:3px}
      .heat{font-size:.8rem;width:auto}.heat td,.heat th{padding:.1rem .3rem;white-space:nowrap}
      .heat.turned th:not(:first-child){writing-mode:vertical-rl;text-align:left}
      .stack{position:relative;display:inline-block}
      .stack img+img{position:absolute;left:0;top:0;opacity:var(--opacity)}
      """;

  private final StringBuilder html = new StringBuilder();

  public Page(String title) {
    String escaped = Html.escape(title);
    html.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\"><title>")
        .append(escaped)
        .append("</title><style>")
        .append(STYLE)
        .append("</style></head><body><h1>")
        .append(escaped)
        .append("</h1>");
  }

  /** Begins a section. */
  public Page heading(String text) {
    return add("<h2>" + Html.escape(text) + "</h2>");
  }

  /** Adds HTML. */
  public Page add(String part) {
    html.append(part);
    return this;
  }

  /** Adds HTML with values in it, as {@link String#format} writes them in every country alike. */
  public Page add(String format, Object... values) {
    return add(String.format(Locale.ROOT, format, values));
  }

  /** A large number with what it means, to stand in an element of class {@code figures}. */
  public Page figure(double value, String meaning) {
    return add("<div><b>%.2f</b>%s</div>", value, Html.escape(meaning));
  }

  /** The whole page. */
  public String html() {
    return html + "</body></html>\n";
  }
}
