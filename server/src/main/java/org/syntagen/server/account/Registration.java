package org.syntagen.server.account;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.syntagen.dataset.InputException;

/**
 * What somebody fills in to get an account.
 *
 * @param email to sign in with; made lower case
 * @param name what others see
 * @param password 10 characters to 72 bytes
 */
public record Registration(String email, String name, String password) {
  private static final Pattern EMAIL =
      Pattern.compile("[^@\\s\\p{Cntrl}]{1,64}@[A-Za-z0-9.-]{1,189}");
  private static final Pattern NAME =
      Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N} ._'-]{0,79}");
  private static final int LEAST_PASSWORD = 10;
  private static final int MOST_PASSWORD_BYTES = 72; // what BCrypt takes

  /** Checks the fields. */
  public Registration {
    email = email.strip().toLowerCase(Locale.ROOT);
    name = name.strip();
    if (!EMAIL.matcher(email).matches()) {
      throw new InputException("that is no e-mail address; expected one such as anna@example.org");
    }
    if (!NAME.matcher(name).matches()) {
      throw new InputException("that is no name; expected 1 to 80 letters, digits and . _ ' -");
    }
    if (password.length() < LEAST_PASSWORD
        || password.getBytes(StandardCharsets.UTF_8).length > MOST_PASSWORD_BYTES) {
      throw new InputException(
          "the password must have at least %d characters and at most %d bytes"
              .formatted(LEAST_PASSWORD, MOST_PASSWORD_BYTES));
    }
  }

  @Override
  public String toString() {
    return "Registration[" + email + "]";
  }
}
