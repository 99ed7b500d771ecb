import pluralize from 'pluralize';

/** The names of a kind of data, in each form in which code uses them. */
export interface DomainNames {
  /** `supplier` */
  readonly one: string;
  /** `suppliers`: the table, the folder, the list. */
  readonly many: string;
  /** `Supplier` */
  readonly type: string;
  /** `Suppliers` */
  readonly types: string;
}

const WORD = /^[a-z]{2,30}$/;

/**
 * Returns the names of a domain.
 *
 * @param many the English plural without it: `countries` for `country`
 * @returns null when one of them is not a word in lower-case letters, or both are the same word
 */
export function domainNames(one: string, many = pluralize(one)): DomainNames | null {
  if (!WORD.test(one) || !WORD.test(many) || one === many) {
    return null;
  }
  return { one, many, type: capitalised(one), types: capitalised(many) };
}

function capitalised(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
