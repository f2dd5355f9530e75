package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The description that programs are written by is of the very addresses that are mapped. */
class OpenApiTest {
  private static final Set<String> KEYS = Set.of("parameters");

  @Test
  void everyAddressOfProgramsIsDescribedAndNoOther() throws Exception {
    Set<String> described = new TreeSet<>();
    for (var path : document().get("paths").properties()) {
      for (var operation : path.getValue().properties()) {
        if (!KEYS.contains(operation.getKey())) {
          described.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
      }
    }
    Set<String> mapped = new TreeSet<>();
    for (String name : new String[] {"submission.SubmissionApi", "upload.TusController"}) {
      addMapped(Class.forName("org.syntagen.server." + name), mapped);
    }
    assertThat(described).isEqualTo(mapped);
  }

  @Test
  void allReferencesLeadSomewhere() throws IOException {
    JsonNode document = document();
    var reference = Pattern.compile("\"\\$ref\":\"#(/[^\"]+)\"").matcher(document.toString());
    int found = 0;
    while (reference.find()) {
      found++;
      assertThat(document.at(reference.group(1)).isMissingNode()).as(reference.group(1)).isFalse();
    }
    assertThat(found).isPositive();
  }

  private static void addMapped(Class<?> controller, Set<String> mapped) {
    RequestMapping root =
        AnnotatedElementUtils.findMergedAnnotation(controller, RequestMapping.class);
    String prefix = root == null ? "" : root.path()[0];
    for (var method : controller.getDeclaredMethods()) {
      RequestMapping mapping =
          AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class);
      if (mapping != null) {
        String path = mapping.path().length == 0 ? "" : mapping.path()[0];
        for (RequestMethod verb : mapping.method()) {
          mapped.add(verb + " " + prefix + path);
        }
      }
    }
  }

  private static JsonNode document() throws IOException {
    try (InputStream in = Server.class.getResourceAsStream("/static/openapi.yaml")) {
      return new YAMLMapper().readTree(in);
    }
  }
}
