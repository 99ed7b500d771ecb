import { getNamedType, type GraphQLInputType, type GraphQLOutputType, isEnumType } from 'graphql';

/** Words of a field that tells whether a value occurs: `ibanTaken`, `isEmailRegistered`. */
export const OCCURS =
  /^(taken|available|availability|registered|exists?|existing|used?|unique|uniqueness|duplicates?|known|occupied|reserved|claimed|assigned)$/;

/** Words of a field that finds something by a value, or tells its state: `personIdByEmail`, `checkIban`, `isEmailVerified`. */
export const FINDS =
  /^(check|checks|lookup|find|by|with|match|matches|matching|owner|owners|free|resolve|identify|whois|who|whose|where|locate|trace|belongs|frequency|occurrences|status|verified|confirmed|blocked|banned|subscribed|invited|linked|enrolled|listed|active|locked)$/;

/** Words of a field that computes something of the value itself: `isEmailValid`, `maskIban`, `emailDomain`. */
export const COMPUTES =
  /^(valid|invalid|validity|validate|validated|validation|validator|verify|wellformed|format|formatted|formatter|syntax|normali[sz]e|normali[sz]ed|canonical|parse|parsed|parser|mask|masked|hash|hashed|md5|sha1|sha256|encode|encoded|decode|encrypt|decrypt|escape|sanitize|slugify|transliterate|detect|translate|translated|gravatar|avatar|identicon|initials|preview|render|template|domain|provider|disposable|corporate|temporary|deliverable|mobile|landline|checksum|country|region|carrier|timezone|calculate|calculator|compute|estimate|estimated|simulate|quote|convert|conversion|strength|strong|weak|label|labels|description|help|hint|placeholder|icon|qr|barcode|emoji|markdown|html|echo|ping)$/;

/** Words that ask something of what a value identifies: `isMember(email:)`. */
export const ASKS = /^(is|are|was|were|has|have|had|can|could|may|does|do|did|should|will)$/;

/** Words of a field that describes a choice, rather than values. */
const DESCRIBES = /^(labels?|descriptions?|help|hints?|placeholders?|icons?|titles?|translations?|translate)$/;

/** Tells whether a field describes the choice that it is given: `fieldLabel(field:)`. */
export function describesChoice(words: readonly string[]): boolean {
  return words.some((word) => DESCRIBES.test(word));
}

/** Words that compare a value with others: `balanceAbove(amount:)`. */
export const COMPARES =
  /^(above|below|over|under|between|least|most|exceeds?|exceeding|more|less|fewer|greater|lower|higher|larger|smaller|than|percentile|rank|equals?|within|before|after|since|until)$/;

/** Words before the last name in a field: `nameForEmail`, `accountOf`. */
export const LEADS_TO = /^(for|of|from|by|with|having|to)$/;

/** Words of a field that completes values, or lists them. */
export const LISTS =
  /^(search|searched|find|lookup|suggest|suggested|suggestions?|autocomplete|autocompletions?|completions?|complete|typeahead|match|matches|matching|list|listing|all|known|distinct|existing|get|similar|filter|filtered|options|choices|hints|values)$/;

/** Words for a person or an account, which a value identifies. */
export const SUBJECT =
  /^(ids?|uuids?|holders?|owners?|users?|usernames?|accounts?|customers?|members?|persons?|people|profiles?|clients?|contacts?|employees?|patients?|students?|subscribers?)$/;

/** Names of fields that say little of what they hold, so that an argument of this name may be anything. */
export const GENERIC =
  /^(id|text|body|content|message|description|summary|notes?|comments?|value|values|type|kind|status|state|title|label|name|url|uri|link|path|key|code|query|q|format|locale|language|lang|currency|country|city|address|amount|date|time|from|to|start|end|input|data|token|slug|tags?|category|unit|size|count|number|source|target|subject|action|version|platform|order|position|color|reason|field|filter|sort|search|scope|level|role|roles)$/;

/** Names of an argument that say nothing of the value. */
export const ANY_VALUE = /^(values?|input|text|string|term|candidate|q|query)$/i;

/** Names of an argument with which values are compared. */
export const THRESHOLD =
  /^(values?|amount|number|threshold|limit|min|max|minimum|maximum|from|to|than|at|low|high|lower|upper|bound|start|end|x|n)$/i;

/** Names of arguments that take a page of values, or a form of them. */
export const PAGING =
  /^(first|last|limit|offset|skip|take|page|page_?size|per_?page|size|before|after|cursor|id|ids|locale|currency|unit|precision|digits|scale)$/i;

/** Names of arguments beside which a value is a credential of the viewer. */
export const CREDENTIAL = /^(password|passcode|passphrase|pin|otp|secret|token|signature|captcha|code)$/i;

/** Names of the types of a choice, and of the answer to a question. */
export const ANSWER = /(option|choice|suggestion|completion|hit|match|label)$/i;

/** Tells whether values of a type are amounts or choices, which are computed with, rather than names of something. */
export function isQuantity(type: GraphQLInputType | GraphQLOutputType): boolean {
  return isEnumType(getNamedType(type)) || kindOf(type) !== 'text';
}

/** The kind of the values of a type, of which only those of one kind are compared. */
export type Kind = 'number' | 'time' | 'boolean' | 'text';

/** Returns the kind of the values of a type. */
export function kindOf(type: GraphQLInputType | GraphQLOutputType): Kind {
  const { name } = getNamedType(type);
  if (/date|time|instant|timestamp|year|month/i.test(name)) {
    return 'time';
  }
  if (/^(Int|Float)$|int(eger)?$|decimal|numeric|number$|float|money|bigint|long|double|duration|percent/i.test(name)) {
    return /phone/i.test(name) ? 'text' : 'number';
  }
  return name === 'Boolean' ? 'boolean' : 'text';
}
