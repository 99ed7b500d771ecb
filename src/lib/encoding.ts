import { isUtf8 } from 'node:buffer';

/** Bytes that are not the text of a supported encoding. The message says what to do. */
export class NotText extends Error {
  /** The line of the first byte that is wrong, from 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'NotText';
    this.line = line;
  }
}

/** Byte order marks (Unicode, §23.8) of the encodings that are not UTF-8. */
const WIDE = [
  { mark: Buffer.from([0xff, 0xfe]), encoding: 'utf-16le' },
  { mark: Buffer.from([0xfe, 0xff]), encoding: 'utf-16be' },
] as const;

/**
 * Decodes the bytes of a text file: UTF-8, or UTF-16 with a byte order mark. The mark is removed. A character is never
 * replaced or guessed.
 *
 * @throws {NotText} if the bytes are of another encoding
 */
export function decodeText(bytes: Buffer): string {
  const wide = WIDE.find(({ mark }) => bytes.subarray(0, mark.length).equals(mark));
  if (wide === undefined) {
    return decodeUtf8(bytes);
  }
  const text = decodeWide(bytes, wide.encoding);
  requireNoZero(text);
  return text;
}

/** Zeros are in UTF-16 without a byte order mark, in UTF-32, and in files that are not text. */
function requireNoZero(text: string): void {
  const at = text.indexOf('\0');
  if (at !== -1) {
    throw new NotText(
      lineAt(text, at),
      'there is a NUL character, as in UTF-16 without a byte order mark, or in a file that is not text. Save the file as UTF-8',
    );
  }
}

function decodeUtf8(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  requireNoZero(text);
  if (!isUtf8(bytes)) {
    const { offset, line } = firstInvalid(bytes, text);
    const byte = (bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, '0');
    throw new NotText(
      line,
      `byte ${offset + 1} of the file (0x${byte}) is not UTF-8, so the file is probably in Latin-1 or Windows-1252. ` +
        'Save it as "CSV UTF-8", or convert it: iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv',
    );
  }
  return text.replace(/^\uFEFF/, '');
}

function decodeWide(bytes: Buffer, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) {
      throw error;
    }
    const text = new TextDecoder(encoding).decode(bytes);
    throw new NotText(
      lineAt(text, text.indexOf(REPLACEMENT)),
      `the file starts as ${encoding.toUpperCase()} and is damaged. Save it as UTF-8`,
    );
  }
}

const REPLACEMENT = '\uFFFD';
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

/** Finds the first replacement character of the decoded text that does not stand in the bytes themselves. */
function firstInvalid(bytes: Buffer, text: string): { offset: number; line: number } {
  let offset = 0;
  let from = 0;
  for (;;) {
    const at = text.indexOf(REPLACEMENT, from);
    offset += Buffer.byteLength(text.slice(from, at));
    if (at === -1 || !bytes.subarray(offset, offset + REPLACEMENT_BYTES.length).equals(REPLACEMENT_BYTES)) {
      return { offset, line: lineAt(text, at) };
    }
    offset += REPLACEMENT_BYTES.length;
    from = at + 1;
  }
}

function lineAt(text: string, at: number): number {
  return text.slice(0, Math.max(at, 0)).split(/\r\n?|\n/).length;
}
