import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'oxfmt';

/** Writes a file of results in `bench/`, formatted as all files here are. */
export async function writeResult(name: string, text: string): Promise<void> {
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const { code } = await format(file, text, { printWidth: 120 });
  writeFileSync(file, code);
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}

/** JSON whose figures are as precise as they are worth. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, rounded);
}
