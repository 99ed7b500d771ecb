import { Badge } from '@mantine/core';
import type { AccessVerdict } from '../generated/graphql.ts';
import { text } from '../text.ts';

const SIGNS = { YES: '✓', NO: '✕', OWN: '◐', DEPENDS: '?' } as const satisfies Record<AccessVerdict, string>;
const COLORS = { YES: 'teal', NO: 'red', OWN: 'blue', DEPENDS: 'violet' } as const satisfies Record<
  AccessVerdict,
  string
>;

/** A verdict as a sign and a word: colour alone says nothing to some people. */
export function Verdict({ verdict }: { readonly verdict: AccessVerdict }) {
  return (
    <Badge variant="outline" color={COLORS[verdict]} tt="none" className="verdict">
      <span aria-hidden>{SIGNS[verdict]} </span>
      {text.matrix.verdicts[verdict]}
    </Badge>
  );
}
