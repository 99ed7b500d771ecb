/** An object of the data that random operations run on. */
export interface Thing {
  /** The object type that it is of. */
  readonly type: string;
  readonly id: string | null;
}

/**
 * The value that a field of such a type has at a path: the same one however it is asked for. Lists hold up to two items,
 * some values are null, some objects belong to the viewer.
 *
 * @param type as SDL writes it
 * @param members the object types that a type stands for
 */
export function valueAt(type: string, path: string, members: (type: string) => readonly string[]): unknown {
  const number = hash(path);
  if (type.startsWith('[')) {
    const item = type.slice(1, -1);
    return Array.from({ length: number % 3 }, (_, index) => valueAt(item, `${path}.${index}`, members));
  }
  if (number % 11 === 0) {
    return null;
  }
  if (/^(String|ID)$/.test(type)) {
    return 'text';
  }
  if (type === 'Int') {
    return 7;
  }
  const types = members(type);
  const typename = types[number % types.length];
  if (typename === undefined) {
    return null; // An interface that nothing implements.
  }
  const thing: Thing = {
    type: typename,
    id: ['me', 'another user', null][(number >> 4) % 3] ?? null,
  };
  return thing;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const letter of text) {
    value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return value >>> 3;
}
