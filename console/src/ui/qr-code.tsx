import { Skeleton } from '@mantine/core';
import { useEffect, useState } from 'react';

/** The empty margin around a code, in modules (ISO/IEC 18004 §9.1). */
const MARGIN = 4;

/** Shows a text as a QR code, drawn here: it may be secret. The library is loaded when a code is shown. */
export function QrCode({ value, label }: { readonly value: string; readonly label: string }) {
  const [rows, setRows] = useState<boolean[][] | null>(null);
  useEffect(() => {
    void import('uqr').then(({ encode }) => setRows(encode(value, { border: 0 }).data));
  }, [value]);
  if (rows === null) {
    return <Skeleton width={220} height={220} />;
  }
  const size = rows.length + 2 * MARGIN;
  const dark = rows.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${x + MARGIN} ${y + MARGIN}h1v1h-1z`] : [])),
  );
  return (
    <svg
      role="img"
      aria-label={label}
      width={220}
      height={220}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={dark.join('')} fill="#000" />
    </svg>
  );
}
