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

/** Words that cannot name a variable, a type or a table of the skeleton: of the languages, and of its own code. */
const RESERVED: ReadonlySet<string> = new Set(
  `arguments array async await boolean break case catch class const context continue date debugger default delete do else
  em enum eval export extends false finally float for function id if implements import in input instanceof int interface
  let migration mutation new node null number object order package page private promise protected public query record
  return static string subscription super switch symbol table this throw true try type typeof undefined unit user
  var version viewer void while with yield`.split(/\s+/),
);

/**
 * Returns the names of a domain.
 *
 * @param many the English plural without it: `countries` for `country`
 * @returns null when one of them is not a word in lower-case letters, one is reserved, or both are the same word
 */
export function domainNames(one: string, many = pluralize(one)): DomainNames | null {
  if (!isWord(one) || !isWord(many) || one === many) {
    return null;
  }
  return { one, many, type: capitalised(one), types: capitalised(many) };
}

function isWord(word: string): boolean {
  return WORD.test(word) && !RESERVED.has(word);
}

function capitalised(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
