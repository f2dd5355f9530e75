package org.syntagen.challenge;

import java.util.Currency;
import java.util.Objects;

/**
 * What a verified winner gets.
 *
 * @param rank 1 for the first
 * @param amount in whole units of the currency
 */
public record Prize(int rank, int amount, Currency currency) {
  /** Checks the ranges. */
  public Prize {
    Objects.requireNonNull(currency, "currency");
    Ranges.within("rank", rank, 1, 1000);
    Ranges.within("amount", amount, 0, Integer.MAX_VALUE);
  }
}
